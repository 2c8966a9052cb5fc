import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { DEBUG_PREFIX } from '../../src/services/debug-files.ts';
import { RESULT_PREFIX } from '../../src/services/kept-result.ts';
import { UPLOAD_PREFIX } from '../../src/domain/object-key.ts';
import { ENVIRONMENTS, functionOf, onlyResource, synthesise } from './synthesised.ts';

const TYPE = 'AWS::S3::Bucket';

interface Rule {
  readonly Prefix?: string;
  readonly ExpirationInDays?: number;
  readonly [name: string]: unknown;
}

describe.each(ENVIRONMENTS)('the bucket of %s', (environment) => {
  const template = synthesise({ environment });
  const bucket = onlyResource(template, TYPE);
  const isProduction = environment === 'prod';
  const rules = (bucket.Properties['LifecycleConfiguration'] as { Rules: Rule[] }).Rules;

  it('has the name that the predecessor gave it', () => {
    expect(bucket.Properties['BucketName']).toEqual({
      'Fn::Join': ['', [`yoto-audio-${environment}-`, { Ref: 'AWS::AccountId' }]],
    });
  });

  it('is nobody’s else, sealed, and reached by TLS alone', () => {
    expect(bucket.Properties).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
    });
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Deny',
            Action: 's3:*',
            Principal: { AWS: '*' },
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
        ]) as unknown,
      },
    });
  });

  it('forgets what is there for a time, and never what a record names', () => {
    const days = Object.fromEntries(
      rules.flatMap(({ Prefix, ExpirationInDays }) =>
        Prefix === undefined ? [] : [[Prefix, ExpirationInDays]],
      ),
    );
    expect(days).toEqual({
      [DEBUG_PREFIX]: 7,
      'made/': 7,
      [RESULT_PREFIX]: 8,
      [UPLOAD_PREFIX]: 14,
      'transcribe/': 2,
      'backups/': 90,
    });
    for (const rule of rules.filter(({ Prefix }) => Prefix !== undefined)) {
      expect(rule['NoncurrentVersionExpiration']).toEqual(isProduction ? { NoncurrentDays: 1 } : undefined);
    }
    const everywhere = rules.filter(({ Prefix }) => Prefix === undefined);
    expect(everywhere.every(({ ExpirationInDays }) => ExpirationInDays === undefined)).toBe(true);
  });

  it('aborts uploads that nobody completes', () => {
    expect(rules.find(({ Id }) => Id === 'abort-incomplete-uploads')).toEqual({
      Id: 'abort-incomplete-uploads',
      Status: 'Enabled',
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 },
    });
  });

  it('keeps old versions for thirty days, in production alone', () => {
    expect(bucket.Properties['VersioningConfiguration']).toEqual(
      isProduction ? { Status: 'Enabled' } : undefined,
    );
    const old = rules.find(({ Id }) => Id === 'old-versions');
    if (isProduction) {
      expect(old).toMatchObject({ NoncurrentVersionExpiration: { NoncurrentDays: 30 } });
    } else {
      expect(old).toBeUndefined();
    }
  });

  it('goes with its objects in development, and stays in production', () => {
    expect(bucket.DeletionPolicy).toBe(isProduction ? 'Retain' : 'Delete');
    template.resourceCountIs('Custom::S3AutoDeleteObjects', isProduction ? 0 : 1);
  });
});

describe('the bucket’s CORS', () => {
  const corsOf = (context: Record<string, string>) =>
    onlyResource(synthesise({ environment: 'prod', ...context }), TYPE).Properties['CorsConfiguration'];

  it('lets any page play, and those that are named upload', () => {
    const cors = corsOf({ public_url: 'https://radio.example', cors_origins: 'https://page.example' });
    const ExposedHeaders = ['ETag', 'Content-Range', 'Content-Length', 'Accept-Ranges'];
    expect(cors).toMatchObject({
      CorsRules: [
        {
          AllowedOrigins: ['*'],
          AllowedMethods: ['GET', 'HEAD'],
          AllowedHeaders: expect.arrayContaining(['range', 'if-range']) as unknown,
          ExposedHeaders,
        },
        {
          AllowedOrigins: ['https://radio.example', 'https://page.example'],
          AllowedMethods: ['PUT'],
          ExposedHeaders,
        },
      ],
    });
  });

  it('lets any page upload to a signed address where none is named', () => {
    expect(corsOf({})).toMatchObject({ CorsRules: [{}, { AllowedOrigins: ['*'], AllowedMethods: ['PUT'] }] });
  });
});

describe('an adopted bucket', () => {
  it('is not made, and is named to the functions', () => {
    const template = synthesise({ environment: 'prod', adopt: 'bucket', bucket_name: 'old-audio' });
    template.resourceCountIs(TYPE, 0);
    expect(functionOf(template, 'worker').Properties['Environment']).toMatchObject({
      Variables: { S3_AUDIO_BUCKET: 'old-audio' },
    });
  });
});
