import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { PLAYED_PREFIXES } from '../../src/domain/object-key.ts';
import { OBJECT_REQUEST, OBJECT_RESPONSE } from '../lib/object-functions.ts';
import {
  CLOUDFRONT,
  ENVIRONMENTS,
  functionOf,
  makePublicKey,
  makeStack,
  onlyResource,
  resourcesOf,
  synthesise,
} from './synthesised.ts';

interface Behavior {
  readonly PathPattern: string;
  readonly AllowedMethods: readonly string[];
  readonly FunctionAssociations: readonly { EventType: string }[];
  readonly [name: string]: unknown;
}

interface DistributionConfig {
  readonly DefaultCacheBehavior: Behavior;
  readonly CacheBehaviors: readonly Behavior[];
  readonly Origins: readonly Record<string, unknown>[];
}

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly [name: string]: unknown;
}

const refTo = (part: string) => ({ Ref: expect.stringContaining(part) as unknown });
const ADOPTED = { adopt: 'bucket', bucket_name: 'old-audio' };

describe.each(ENVIRONMENTS)('objects at the CloudFront of %s', (environment) => {
  const template = synthesise({ environment, ...CLOUDFRONT });
  const distribution = onlyResource(template, 'AWS::CloudFront::Distribution');
  const config = distribution.Properties['DistributionConfig'] as DistributionConfig;
  const behaviors = config.CacheBehaviors.filter(({ PathPattern }) => !PathPattern.startsWith('/api/'));

  it('are all that players are led to, and nothing else of the bucket', () => {
    expect(behaviors.map(({ PathPattern }) => PathPattern)).toEqual(
      PLAYED_PREFIXES.map((prefix) => `/${prefix}*`),
    );
  });

  it('are opened by signed addresses alone', () => {
    for (const behavior of behaviors) {
      expect(behavior).toMatchObject({
        TrustedKeyGroups: [refTo('SigningKey')],
        ViewerProtocolPolicy: 'https-only',
        Compress: false,
        CachePolicyId: refTo('Kept'),
        ResponseHeadersPolicyId: refTo('Headers'),
      });
      expect(behavior.FunctionAssociations.map(({ EventType }) => EventType)).toEqual([
        'viewer-request',
        'viewer-response',
      ]);
      expect([...behavior.AllowedMethods].sort()).toEqual(['GET', 'HEAD', 'OPTIONS']);
    }
    for (const { PathPattern, ...behavior } of [config.DefaultCacheBehavior, ...config.CacheBehaviors]) {
      if (PathPattern === undefined || PathPattern.startsWith('/api/'))
        expect(behavior).not.toHaveProperty('TrustedKeyGroups');
    }
    expect(onlyResource(template, 'AWS::CloudFront::PublicKey').Properties).toMatchObject({
      PublicKeyConfig: { EncodedKey: CLOUDFRONT.cloudfront_public_key },
    });
    expect(onlyResource(template, 'AWS::CloudFront::KeyGroup').Properties).toMatchObject({
      KeyGroupConfig: { Items: [refTo('SigningKey')] },
    });
  });

  it('are kept by what their answers shall say, and not by who asks', () => {
    const policy = onlyResource(template, 'AWS::CloudFront::CachePolicy', (_, id) => id.includes('Kept'));
    expect(policy.Properties).toMatchObject({
      CachePolicyConfig: {
        DefaultTTL: 86_400,
        MaxTTL: 604_800,
        ParametersInCacheKeyAndForwardedToOrigin: {
          QueryStringsConfig: {
            QueryStringBehavior: 'whitelist',
            QueryStrings: ['response-content-type', 'response-content-disposition'],
          },
          CookiesConfig: { CookieBehavior: 'none' },
          HeadersConfig: { HeaderBehavior: 'none' },
        },
      },
    });
  });

  it('may be played by any page', () => {
    expect(onlyResource(template, 'AWS::CloudFront::ResponseHeadersPolicy').Properties).toMatchObject({
      ResponseHeadersPolicyConfig: {
        CorsConfig: {
          AccessControlAllowOrigins: { Items: ['*'] },
          AccessControlAllowMethods: { Items: ['GET', 'HEAD'] },
          AccessControlAllowHeaders: { Items: ['Range', 'If-Range'] },
          AccessControlExposeHeaders: { Items: ['Content-Range', 'Content-Length', 'Accept-Ranges', 'ETag'] },
          AccessControlAllowCredentials: false,
          OriginOverride: true,
        },
        SecurityHeadersConfig: { ContentTypeOptions: { Override: true } },
      },
    });
  });

  it('are read by that distribution, which signs what it asks for, and by no other', () => {
    const [origin, ...others] = config.Origins.filter((each) => 'S3OriginConfig' in each);
    expect(others).toEqual([]);
    expect(origin).toMatchObject({
      OriginAccessControlId: { 'Fn::GetAtt': [expect.stringContaining('ObjectsAccess'), 'Id'] },
      S3OriginConfig: { OriginAccessIdentity: '' },
    });
    expect(onlyResource(template, 'AWS::CloudFront::OriginAccessControl').Properties).toMatchObject({
      OriginAccessControlConfig: {
        OriginAccessControlOriginType: 's3',
        SigningBehavior: 'always',
        SigningProtocol: 'sigv4',
      },
    });
    const policy = onlyResource(template, 'AWS::S3::BucketPolicy').Properties['PolicyDocument'];
    const statements = (policy as { Statement: Statement[] }).Statement;
    const allowing = statements.filter((statement) => JSON.stringify(statement).includes('cloudfront'));
    expect(allowing).toHaveLength(1);
    expect(allowing[0]).toMatchObject({
      Effect: 'Allow',
      Principal: { Service: 'cloudfront.amazonaws.com' },
      Action: 's3:GetObject',
      Resource: PLAYED_PREFIXES.map((prefix) => ({
        'Fn::Join': ['', [{ 'Fn::GetAtt': [expect.stringContaining('Audio'), 'Arn'] }, `/${prefix}*`]],
      })),
      Condition: {
        StringEquals: {
          'AWS:SourceArn': {
            'Fn::Join': [
              '',
              [
                'arn:',
                { Ref: 'AWS::Partition' },
                ':cloudfront::',
                { Ref: 'AWS::AccountId' },
                ':distribution/',
                refTo('EdgeDistribution'),
              ],
            ],
          },
        },
      },
    });
  });

  it.each([
    [{ public_url: 'https://d1.cloudfront.net' }, 'https://d1.cloudfront.net'],
    [
      {
        domain_name: 'radio.example',
        certificate_arn: 'arn:aws:acm:us-east-1:123456789012:certificate/1-2-3',
        public_url: 'https://other.example',
      },
      'https://radio.example',
    ],
  ])('are what the HTTP function leads to by %j', (context, url) => {
    const named = synthesise({ environment, ...CLOUDFRONT, ...context });
    const settingsOf = (name: string) =>
      (functionOf(named, name).Properties['Environment'] as { Variables: object }).Variables;
    expect(settingsOf('http')).toMatchObject({
      CLOUDFRONT_URL: url,
      CLOUDFRONT_KEY_PAIR_ID: refTo('SigningKey'),
    });
    // Nobody plays by the others, and so they need no key that signs.
    for (const name of ['websocket', 'worker', 'sweep']) {
      expect(Object.keys(settingsOf(name)).filter((key) => key.startsWith('CLOUDFRONT'))).toEqual([]);
    }
  });

  it('are not led to as long as CloudFront has no name here, nor without it', () => {
    for (const each of [template, synthesise({ environment, public_url: 'https://radio.example' })]) {
      expect(JSON.stringify(functionOf(each, 'http'))).not.toContain('CLOUDFRONT');
    }
  });

  it('are of an adopted bucket too, whose policy is left to its operator', () => {
    const context = { environment, ...CLOUDFRONT, ...ADOPTED };
    const adopted = synthesise(context);
    const { DistributionConfig } = onlyResource(adopted, 'AWS::CloudFront::Distribution').Properties;
    const origins = (DistributionConfig as DistributionConfig).Origins;
    expect(JSON.stringify(origins.filter((each) => 'S3OriginConfig' in each))).toContain('"old-audio.s3.');
    adopted.resourceCountIs('AWS::S3::BucketPolicy', 0);
    const warnings = Annotations.fromStack(makeStack(context).stack)
      .findWarning('*', Match.anyValue())
      .map(({ entry }) => entry.data as string);
    expect(warnings.filter((warning) => warning.includes('adopted bucket'))).toHaveLength(1);
  });
});

it('another key is another resource: one of CloudFront cannot be changed', () => {
  const idOf = (cloudfront_public_key: string) => {
    const template = synthesise({ environment: 'prod', ...CLOUDFRONT, cloudfront_public_key });
    return Object.keys(resourcesOf(template, 'AWS::CloudFront::PublicKey'));
  };
  const [first, second] = [makePublicKey(), makePublicKey()];
  expect(idOf(first)).toEqual(idOf(first));
  expect(idOf(first)).not.toEqual(idOf(second));
});

type Headers = Record<string, { value: string }>;

// As CloudFront runs them: a script with a function `handler`.
const run = (source: string, event: object): { statusCode?: number; headers: Headers } =>
  JSON.parse(
    JSON.stringify(runInNewContext(`${source}; handler(event)`, { event: structuredClone(event) })),
  ) as { statusCode?: number; headers: Headers };
const headersOf = (plain: Record<string, string>): Headers =>
  Object.fromEntries(Object.entries(plain).map(([name, value]) => [name, { value }]));

describe('what decides at the edge', () => {
  const ask = (headers: Record<string, string>, uri = '/made/0f1e.mp3', method = 'GET') =>
    run(OBJECT_REQUEST, { request: { method, uri, headers: headersOf(headers), querystring: {} } });

  it('answers 304 to who has the object under our entity tag', () => {
    for (const known of ['"0f1e"', 'W/"0f1e"', '"a", "0f1e"']) {
      expect(ask({ 'if-none-match': known })).toMatchObject({
        statusCode: 304,
        headers: { etag: { value: '"0f1e"' }, 'access-control-allow-origin': { value: '*' } },
      });
    }
    expect(ask({ 'if-none-match': '"ab"' }, '/playable/ab.mp3', 'HEAD').statusCode).toBe(304);
    expect(ask({ 'if-none-match': '"0f1e"', 'if-match': '"0f1e"' }).statusCode).toBe(304);
  });

  it('lets who has its beginning go on', () => {
    const range = { range: 'bytes=5-' };
    expect(ask({ ...range, 'if-range': '"0f1e"' }).headers).toEqual(headersOf(range));
    expect(ask({ ...range, 'if-match': '"0f1e"' }).headers).toEqual(headersOf(range));
  });

  it.each([
    [{ 'if-none-match': '"s3-12"' }],
    [{ 'if-none-match': '*' }],
    [{ 'if-range': '"s3-12"', range: 'bytes=5-' }],
    [{ 'if-range': 'W/"0f1e"', range: 'bytes=5-' }],
    [{ 'if-match': '"s3-12"', 'if-none-match': '"0f1e"' }],
    [{ 'if-modified-since': 'Sat, 01 Jan 2028 00:00:00 GMT' }],
  ])('leaves %j to CloudFront and the bucket', (headers) => {
    const request = ask(headers);
    expect(request).not.toHaveProperty('statusCode');
    expect(request.headers).toEqual(headersOf(headers));
  });

  it('knows no tag of an original', () => {
    const headers = { 'if-none-match': '"0f1e"' };
    expect(ask(headers, '/originals/0f1e.mp3').headers).toEqual(headersOf(headers));
  });

  it('answers preflights as the program does', () => {
    expect(ask({ origin: 'https://page.example' }, '/originals/a.wav', 'OPTIONS')).toMatchObject({
      statusCode: 204,
      headers: headersOf({
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'GET, HEAD',
        'access-control-allow-headers': 'Range, If-Range',
        'access-control-max-age': '3600',
      }),
    });
  });
});

describe('what answers at the edge', () => {
  const answer = (statusCode: number, uri: string, headers: Record<string, string>) =>
    run(OBJECT_RESPONSE, {
      request: { method: 'GET', uri, headers: {} },
      response: { statusCode, headers: headersOf({ etag: '"s3-12"', ...headers }) },
    }).headers['etag']?.value;

  it.each([
    ['a made object, by what it carries', 200, '/made/0f1e.mp3', { 'x-amz-meta-etag': 'kept' }, '"kept"'],
    ['a range of it', 206, '/made/0f1e.mp3', { 'x-amz-meta-etag': 'kept' }, '"kept"'],
    ['a 304, which carries nothing', 304, '/made/0f1e.mp3', {}, '"0f1e"'],
    ['a playable part', 200, '/playable/ab.mp3', {}, '"ab"'],
    ['an original, as it came', 200, '/originals/ab.mp3', { 'x-amz-meta-etag': 'kept' }, '"s3-12"'],
    ['an error', 416, '/made/0f1e.mp3', { 'x-amz-meta-etag': 'kept' }, '"s3-12"'],
  ])('names %s', (_what, statusCode, uri, headers, etag) => {
    expect(answer(statusCode, uri, headers)).toBe(etag);
  });
});

it('functions at the edge are small enough for it', () => {
  for (const source of [OBJECT_REQUEST, OBJECT_RESPONSE]) expect(source.length).toBeLessThan(10_240);
});
