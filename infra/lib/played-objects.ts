import { Aws, Duration } from 'aws-cdk-lib';
import {
  AllowedMethods,
  CachePolicy,
  CacheCookieBehavior,
  CacheHeaderBehavior,
  CacheQueryStringBehavior,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  ResponseHeadersPolicy,
  S3OriginAccessControl,
  ViewerProtocolPolicy,
  type BehaviorOptions,
  type IDistribution,
} from 'aws-cdk-lib/aws-cloudfront';
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { OBJECT_REQUEST, OBJECT_RESPONSE, PLAYBACK_CORS } from './object-functions.ts';
import type { SigningKey } from './signing-key.ts';

/** Of what players are led to (src/domain/object-key.ts). */
export const PLAYED_PREFIXES = ['playable/', 'made/', 'originals/'];

/** How long an object is kept where nothing else is said: none changes under its name, and made ones are there for a week. */
const KEPT = { usually: Duration.days(1), atMost: Duration.days(7) };

/** Objects of the bucket at CloudFront: for whoever has an address that is signed for one. */
export class PlayedObjects extends Construct {
  readonly behaviors: Readonly<Record<string, BehaviorOptions>>;
  readonly #bucket: IBucket;

  constructor(scope: Construct, id: string, environment: string, bucket: IBucket, { keyGroup }: SigningKey) {
    super(scope, id);
    this.#bucket = bucket;
    const { originAccessControlId } = new S3OriginAccessControl(this, 'Access', {
      originAccessControlName: `earshot-${environment}-objects`,
    });
    const behavior: BehaviorOptions = {
      // Not the CDK's own origin for this: it lets the distribution read all of the bucket.
      origin: S3BucketOrigin.withBucketDefaults(bucket, { originAccessControlId }),
      trustedKeyGroups: [keyGroup],
      // An address is signed with its scheme.
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
      // OPTIONS are the preflights of pages that go on in the middle (If-Range); none of them comes to the bucket.
      allowedMethods: AllowedMethods.ALLOW_GET_HEAD_OPTIONS,
      cachePolicy: this.#cachePolicy(environment),
      responseHeadersPolicy: this.#headersPolicy(environment),
      compress: false,
      functionAssociations: [
        {
          eventType: FunctionEventType.VIEWER_REQUEST,
          function: this.#edgeFunction(environment, 'request', OBJECT_REQUEST),
        },
        {
          eventType: FunctionEventType.VIEWER_RESPONSE,
          function: this.#edgeFunction(environment, 'response', OBJECT_RESPONSE),
        },
      ],
    };
    this.behaviors = Object.fromEntries(PLAYED_PREFIXES.map((prefix) => [`/${prefix}*`, behavior]));
  }

  /** @returns whether the bucket is ours to say so; to an adopted one its operator adds the same (docs/aws.md) */
  allow({ distributionId }: IDistribution): boolean {
    const statement = new PolicyStatement({
      sid: 'ReadByCloudFront',
      effect: Effect.ALLOW,
      principals: [new ServicePrincipal('cloudfront.amazonaws.com')],
      actions: ['s3:GetObject'],
      resources: PLAYED_PREFIXES.map((prefix) => this.#bucket.arnForObjects(`${prefix}*`)),
      conditions: {
        StringEquals: {
          'AWS:SourceArn': `arn:${Aws.PARTITION}:cloudfront::${Aws.ACCOUNT_ID}:distribution/${distributionId}`,
        },
      },
    });
    return this.#bucket.addToResourcePolicy(statement).statementAdded;
  }

  // What is in a key goes on to the bucket, which takes these from requests that are signed, as CloudFront's are. The
  // signature of the address never does either: whoever may hear an object gets the one that is kept.
  #cachePolicy(environment: string): CachePolicy {
    return new CachePolicy(this, 'Kept', {
      cachePolicyName: `earshot-${environment}-objects`,
      comment: 'Objects, by what their answers shall say of them',
      minTtl: Duration.seconds(0),
      defaultTtl: KEPT.usually,
      maxTtl: KEPT.atMost,
      queryStringBehavior: CacheQueryStringBehavior.allowList(
        'response-content-type',
        'response-content-disposition',
      ),
      cookieBehavior: CacheCookieBehavior.none(),
      headerBehavior: CacheHeaderBehavior.none(),
    });
  }

  #headersPolicy(environment: string): ResponseHeadersPolicy {
    return new ResponseHeadersPolicy(this, 'Headers', {
      responseHeadersPolicyName: `earshot-${environment}-objects`,
      corsBehavior: {
        accessControlAllowOrigins: ['*'],
        accessControlAllowMethods: [...PLAYBACK_CORS.methods],
        accessControlAllowHeaders: [...PLAYBACK_CORS.headers],
        accessControlExposeHeaders: [...PLAYBACK_CORS.exposed],
        accessControlMaxAge: Duration.seconds(PLAYBACK_CORS.maxAgeS),
        accessControlAllowCredentials: false,
        originOverride: true,
      },
      // Originals are anybody's bytes, and here they are of the program's own origin.
      securityHeadersBehavior: { contentTypeOptions: { override: true } },
      customHeadersBehavior: {
        customHeaders: [{ header: 'Cross-Origin-Resource-Policy', value: 'cross-origin', override: true }],
      },
    });
  }

  #edgeFunction(environment: string, when: 'request' | 'response', source: string): EdgeFunction {
    return new EdgeFunction(this, `On-${when}`, {
      functionName: `earshot-${environment}-object-${when}`,
      code: FunctionCode.fromInline(source),
      runtime: FunctionRuntime.JS_2_0,
    });
  }
}
