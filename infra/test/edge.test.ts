import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { VIEWER_REQUEST } from '../lib/viewer-request.ts';
import { CLOUDFRONT, ENVIRONMENTS, makeStack, onlyResource, synthesise } from './synthesised.ts';

const TYPE = 'AWS::CloudFront::Distribution';

interface Behavior {
  readonly PathPattern?: string;
  readonly CachePolicyId: unknown;
  readonly OriginRequestPolicyId: string;
  readonly AllowedMethods: readonly string[];
  readonly ViewerProtocolPolicy: string;
  readonly Compress: boolean;
}

interface DistributionConfig {
  readonly DefaultCacheBehavior: Behavior;
  readonly CacheBehaviors: readonly Behavior[];
  readonly Origins: readonly Record<string, unknown>[];
  readonly CustomErrorResponses: readonly { ErrorCode: number; ErrorCachingMinTTL: number }[];
  readonly [name: string]: unknown;
}

// Names of AWS's own policies: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
const ALL_VIEWER_EXCEPT_HOST = 'b689b0a8-53d0-40ab-baf2-68738e2966ac';

describe.each(ENVIRONMENTS)('CloudFront in front of %s', (environment) => {
  const template = synthesise({ environment, ...CLOUDFRONT });
  const config = onlyResource(template, TYPE).Properties['DistributionConfig'] as DistributionConfig;

  it('passes the API on as it is', () => {
    expect(config.DefaultCacheBehavior).toMatchObject({
      CachePolicyId: CACHING_DISABLED,
      OriginRequestPolicyId: ALL_VIEWER_EXCEPT_HOST,
      ViewerProtocolPolicy: 'redirect-to-https',
      Compress: false,
    });
    expect(config.DefaultCacheBehavior.AllowedMethods).toEqual(
      expect.arrayContaining(['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE']),
    );
  });

  it('keeps what is played, by all that decides who may hear what', () => {
    const played = config.CacheBehaviors.filter(({ PathPattern }) => PathPattern?.startsWith('/api/'));
    expect(played.map(({ PathPattern }) => PathPattern)).toEqual(['/api/streams/*', '/api/audio/*']);
    for (const behavior of played) {
      expect(behavior.CachePolicyId).toEqual({ Ref: expect.stringContaining('Played') as unknown });
      expect(behavior.OriginRequestPolicyId).toBe(ALL_VIEWER_EXCEPT_HOST);
    }
    const policy = onlyResource(template, 'AWS::CloudFront::CachePolicy', (_, id) => id.includes('Played'));
    expect(policy.Properties).toMatchObject({
      CachePolicyConfig: {
        MinTTL: 0,
        DefaultTTL: 0,
        ParametersInCacheKeyAndForwardedToOrigin: {
          QueryStringsConfig: { QueryStringBehavior: 'all' },
          CookiesConfig: { CookieBehavior: 'whitelist', Cookies: ['session'] },
          HeadersConfig: { HeaderBehavior: 'whitelist', Headers: ['Authorization', 'Origin'] },
        },
      },
    });
  });

  it('forgets errors at once', () => {
    expect(config.CustomErrorResponses.map(({ ErrorCode }) => ErrorCode)).toContain(404);
    expect(config.CustomErrorResponses.every(({ ErrorCachingMinTTL }) => ErrorCachingMinTTL === 0)).toBe(
      true,
    );
  });

  it('reaches the function by TLS', () => {
    const origins = config.Origins.filter((origin) => 'CustomOriginConfig' in origin);
    expect(origins).toHaveLength(1);
    expect(origins[0]?.['CustomOriginConfig']).toMatchObject({
      OriginProtocolPolicy: 'https-only',
      OriginReadTimeout: 60,
    });
  });

  it('tells where it answers', () => {
    expect(Object.keys(template.findOutputs('DistributionDomainName'))).toHaveLength(1);
  });
});

it('is left out unless it is asked for', () => {
  const template = synthesise({ environment: 'prod' });
  template.resourceCountIs(TYPE, 0);
  expect(template.findOutputs('DistributionDomainName')).toEqual({});
});

it('answers to a name of one’s own, with TLS 1.2 at least', () => {
  const template = synthesise({
    environment: 'prod',
    ...CLOUDFRONT,
    domain_name: 'radio.example',
    certificate_arn: 'arn:aws:acm:us-east-1:123456789012:certificate/1-2-3',
  });
  const config = onlyResource(template, TYPE).Properties['DistributionConfig'] as DistributionConfig;
  expect(config).toMatchObject({
    Aliases: ['radio.example'],
    ViewerCertificate: {
      AcmCertificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/1-2-3',
      MinimumProtocolVersion: 'TLSv1.2_2021',
      SslSupportMethod: 'sni-only',
    },
  });
});

describe('what is left to do', () => {
  const warningsOf = (context: Record<string, string>) => {
    const { stack } = makeStack({ environment: 'prod', ...context });
    return Annotations.fromStack(stack)
      .findWarning('*', Match.anyValue())
      .map(({ entry }) => entry.data as string);
  };

  it('is said as long as CloudFront is not believed', () => {
    const [nameless, warning, ...others] = warningsOf(CLOUDFRONT);
    expect(others).toEqual([]);
    expect(nameless).toContain('-c public_url=https://DistributionDomainName');
    expect(warning).toContain('links lead past CloudFront');
    expect(warning).toContain('-c trust_proxy=');
    const named = warningsOf({ ...CLOUDFRONT, public_url: 'https://radio.example' });
    expect(named.join()).not.toContain('links');
    expect(named).toHaveLength(1);
  });

  it('is nothing when its networks are named, and without it', () => {
    expect(warningsOf({})).toEqual([]);
    const all = { ...CLOUDFRONT, public_url: 'https://radio.example', trust_proxy: '192.0.2.0/24' };
    expect(warningsOf(all)).toEqual([]);
  });
});

describe('what runs before CloudFront looks into its cache', () => {
  interface ViewerRequest {
    readonly headers: Record<string, { value: string }>;
  }

  // As CloudFront runs it: a script with a function `handler`.
  const run = (request: ViewerRequest): ViewerRequest =>
    runInNewContext(`${VIEWER_REQUEST}; handler(event)`, { event: { request } }) as ViewerRequest;

  it('says by which name the listener asked, whatever he says himself', () => {
    const asked = {
      host: { value: 'radio.example' },
      'x-forwarded-host': { value: 'evil.example' },
      forwarded: { value: 'host=evil.example' },
      range: { value: 'bytes=0-' },
    };
    expect(run({ headers: asked }).headers).toEqual({
      host: { value: 'radio.example' },
      'x-forwarded-host': { value: 'radio.example' },
      range: { value: 'bytes=0-' },
    });
  });

  it('runs for all paths of the function', () => {
    const config = onlyResource(synthesise({ environment: 'prod', ...CLOUDFRONT }), TYPE).Properties[
      'DistributionConfig'
    ] as DistributionConfig;
    const cached = config.CacheBehaviors.filter(({ PathPattern }) => PathPattern?.startsWith('/api/'));
    expect(cached).toHaveLength(2);
    for (const behavior of [config.DefaultCacheBehavior, ...cached]) {
      expect(behavior).toMatchObject({ FunctionAssociations: [{ EventType: 'viewer-request' }] });
    }
  });
});
