import { Duration } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  CacheCookieBehavior,
  CacheHeaderBehavior,
  CachePolicy,
  CacheQueryStringBehavior,
  Distribution,
  FunctionEventType,
  HttpVersion,
  OriginRequestPolicy,
  PriceClass,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
  type BehaviorOptions,
} from 'aws-cdk-lib/aws-cloudfront';
import { FunctionUrlOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import type { FunctionUrl } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { accept } from './accept.ts';
import type { Options } from './options.ts';
import { PlayedObjects } from './played-objects.ts';
import type { SigningKey } from './signing-key.ts';
import { viewerRequestFunction } from './viewer-request.ts';

/** What is played, and may be kept for others where its Cache-Control says so. All else is passed on as it is. */
const CACHED_PATHS = ['/api/streams/*', '/api/audio/*'];

/** Errors that CloudFront would keep for ten seconds by itself. A file that is not there yet may be a second later. */
const ERRORS = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

/** What is behind it. */
export interface Origins {
  readonly url: FunctionUrl;
  readonly bucket: IBucket;
  readonly signingKey: SigningKey;
}

/** CloudFront in front of the HTTP function, and of what players read in the bucket. */
export class Edge extends Construct {
  readonly distribution: Distribution;
  /** Whether it may read the bucket already; an adopted one's operator has to allow it. */
  readonly readsBucket: boolean;

  constructor(scope: Construct, id: string, options: Options, { url, bucket, signingKey }: Origins) {
    super(scope, id);
    const { domain, environment } = options;
    const objects = new PlayedObjects(this, 'Objects', environment, bucket, signingKey);
    const passedOn: BehaviorOptions = {
      origin: new FunctionUrlOrigin(url, { readTimeout: Duration.seconds(60) }),
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      allowedMethods: AllowedMethods.ALLOW_ALL,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      // The function URL answers to its own name alone.
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      compress: false,
      functionAssociations: [
        {
          eventType: FunctionEventType.VIEWER_REQUEST,
          function: viewerRequestFunction(this, environment),
        },
      ],
    };
    const cached: BehaviorOptions = { ...passedOn, cachePolicy: this.#playedPolicy(environment) };
    this.distribution = new Distribution(this, 'Distribution', {
      comment: `Earshot ${environment}`,
      defaultBehavior: passedOn,
      additionalBehaviors: {
        ...Object.fromEntries(CACHED_PATHS.map((path) => [path, cached])),
        ...objects.behaviors,
      },
      errorResponses: ERRORS.map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) })),
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: PriceClass.PRICE_CLASS_100,
      ...(domain !== undefined && {
        domainNames: [domain.name],
        minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
        certificate: Certificate.fromCertificateArn(this, 'Certificate', domain.certificateArn),
      }),
    });
    this.readsBucket = objects.allow(this.distribution);
    this.#acceptFindings();
  }

  // Who asks is part of the key: what one may hear is never taken for what another may.
  #playedPolicy(environment: string): CachePolicy {
    return new CachePolicy(this, 'Played', {
      cachePolicyName: `earshot-${environment}-played`,
      comment: 'Playlists, segments and audio, by the whole query, the login and the key',
      minTtl: Duration.seconds(0),
      defaultTtl: Duration.seconds(0),
      maxTtl: Duration.days(365),
      queryStringBehavior: CacheQueryStringBehavior.all(),
      cookieBehavior: CacheCookieBehavior.allowList('session'),
      headerBehavior: CacheHeaderBehavior.allowList('Authorization', 'Origin'),
    });
  }

  #acceptFindings(): void {
    const { distribution } = this;
    accept(distribution, 'AwsSolutions-CFR1', 'Whose listeners are where is for the operator to say.');
    accept(
      distribution,
      'AwsSolutions-CFR2',
      'The program limits logins and requests by itself. A web ACL costs more a month than all else of a family; docs/aws.md says how to add one.',
    );
    accept(
      distribution,
      'AwsSolutions-CFR3',
      'Access logs hold whole URLs, and with them the tokens of playback links.',
    );
    accept(
      distribution,
      'AwsSolutions-CFR4',
      "A finding about CloudFront's own certificate, which takes TLS 1.0; with -c domain_name it is TLS 1.2 and newer.",
    );
  }
}
