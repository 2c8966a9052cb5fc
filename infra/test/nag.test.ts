import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { CLOUDFRONT, ENVIRONMENTS, makeStack, type Context } from './synthesised.ts';

const STREAM =
  'arn:aws:dynamodb:eu-central-1:123456789012:table/streamer_requests/stream/2026-01-01T00:00:00.000';
const DOMAIN = {
  domain_name: 'radio.example',
  certificate_arn: 'arn:aws:acm:us-east-1:123456789012:certificate/1-2-3',
};

const FLAGS = ['true', 'false'];
const COMBINATIONS: Context[] = ENVIRONMENTS.flatMap((environment) => [
  ...FLAGS.flatMap((enable_mqtt) =>
    [{}, CLOUDFRONT].map((cloudfront) => ({ environment, enable_mqtt, ...cloudfront })),
  ),
  {
    environment,
    stt_engine: 'aws',
    tts_engine: 'polly',
    alarm_email: 'a@example.org',
    worker_concurrency: '2',
  },
  { environment, ...CLOUDFRONT, ...DOMAIN },
  { environment, adopt: 'tables,bucket', requests_stream_arn: STREAM, bucket_name: 'old-audio' },
  { environment, ...CLOUDFRONT, adopt: 'bucket', bucket_name: 'old-audio' },
]);

function findingsOf(context: Context): string[] {
  const { app } = makeStack(context);
  const { violations } = new AwsSolutionsChecks(app).validateScope(app);
  return violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map((each) => `${ruleName} ${JSON.stringify(each)}`),
  );
}

describe('cdk-nag', () => {
  it.each(COMBINATIONS)('finds nothing that is not explained in %j', (context) => {
    expect(findingsOf(context)).toEqual([]);
  });

  it('is awake: it finds what nobody explained', async () => {
    const { Bucket } = await import('aws-cdk-lib/aws-s3');
    const { app, stack } = makeStack({ environment: 'prod' });
    new Bucket(stack, 'Open');
    const { violations } = new AwsSolutionsChecks(app).validateScope(app);
    expect(violations.map(({ ruleName }) => ruleName)).toContain('AwsSolutions-S1');
  });
});

describe('what is explained', () => {
  it.each(COMBINATIONS)('has a reason that says something, in %j', (context) => {
    const { stack } = makeStack(context);
    const reasons = stack.node
      .findAll()
      .flatMap(({ node }) =>
        node.metadata
          .filter(({ type }) => type === 'aws:cdk:acknowledged-rules')
          .flatMap(({ data }) => Object.values(data as Record<string, string>)),
      );
    expect(reasons.length).toBeGreaterThan(0);
    expect(reasons.filter((reason) => reason.length < 20)).toEqual([]);
  });
});
