import { describe, expect, it } from 'vitest';
import { OptionError, readOptions } from '../lib/options.ts';
import { CLOUDFRONT } from './synthesised.ts';

const STREAM =
  'arn:aws:dynamodb:eu-central-1:123456789012:table/streamer_requests/stream/2026-01-01T00:00:00.000';

function refusalOf(context: Record<string, unknown>): string {
  try {
    readOptions(context);
  } catch (error) {
    if (error instanceof OptionError) return error.message;
    throw error;
  }
  throw new Error('It was taken.');
}

describe('what is chosen on the command line', () => {
  it('needs no more than the environment', () => {
    expect(readOptions({ environment: 'prod' })).toEqual({
      environment: 'prod',
      yotoClientId: undefined,
      enableMqtt: false,
      enableCloudfront: false,
      cloudfrontPublicKey: undefined,
      names: {
        records: 'yoto-smart-stream-prod',
        connections: 'streamer_connections',
        requests: 'streamer_requests',
        subscriptions: 'streamer_subscriptions',
        bucket: undefined,
        secretsPrefix: '/earshot/prod',
      },
      adopt: { records: false, bucket: false, realTime: undefined },
      publicUrl: undefined,
      domain: undefined,
      trustProxy: 'false',
      corsOrigins: [],
      playback: 'link',
      presignedPlayback: false,
      sttEngine: 'off',
      ttsEngine: 'off',
      alarmEmail: undefined,
      workerConcurrency: undefined,
    });
  });

  it('has other names for development, so that one account can hold both', () => {
    expect(readOptions({ environment: 'dev' }).names).toEqual({
      records: 'yoto-smart-stream-dev',
      connections: 'streamer_connections_dev',
      requests: 'streamer_requests_dev',
      subscriptions: 'streamer_subscriptions_dev',
      bucket: undefined,
      secretsPrefix: '/earshot/dev',
    });
  });

  it('takes what is named, and true from cdk.json too', () => {
    const options = readOptions({
      environment: 'dev',
      yoto_client_id: 'abc123',
      enable_mqtt: true,
      ...CLOUDFRONT,
      table_name: 'records',
      bucket_name: 'my-audio',
      adopt: 'tables,bucket',
      requests_stream_arn: STREAM,
      cors_origins: 'https://a.example,https://b.example',
      domain_name: 'radio.example',
      certificate_arn: 'arn:aws:acm:us-east-1:123456789012:certificate/1-2-3',
      worker_concurrency: '5',
    });
    expect(options).toMatchObject({
      yotoClientId: 'abc123',
      enableMqtt: true,
      enableCloudfront: true,
      cloudfrontPublicKey: CLOUDFRONT.cloudfront_public_key,
      names: { records: 'records', bucket: 'my-audio' },
      adopt: { records: true, bucket: true, realTime: { requestsStreamArn: STREAM } },
      corsOrigins: ['https://a.example', 'https://b.example'],
      domain: { name: 'radio.example' },
      workerConcurrency: 5,
    });
  });

  it('leaves alone what the CDK keeps beside it', () => {
    const options = {
      environment: 'dev',
      '@aws-cdk/core:x': true,
      'aws:cdk:version': 1,
      'vpc-provider:account=1': {},
    };
    expect(readOptions(options).environment).toBe('dev');
  });

  it.each([
    [{}, '-c environment=… is missing: it takes dev or prod.'],
    [{ environment: 'staging' }, '-c environment=staging cannot be used: it takes dev or prod.'],
    [
      { environment: 'dev', enable_mqtt: 'yes' },
      '-c enable_mqtt=yes cannot be used: it takes true or false.',
    ],
    [
      { environment: 'dev', enable_cloudfront: '1' },
      '-c enable_cloudfront=1 cannot be used: it takes true or false.',
    ],
    [
      { environment: 'dev', yoto_client_id: 'a b' },
      '-c yoto_client_id=a b cannot be used: it takes the client id of a Yoto application.',
    ],
    [{ environment: 'dev', adopt: 'tables' }, '-c requests_stream_arn=… is missing'],
    [
      { environment: 'dev', adopt: 'queues' },
      '-c adopt=queues cannot be used: it takes some of tables, records, realtime, bucket.',
    ],
    [{ environment: 'dev', requests_stream_arn: STREAM }, '-c requests_stream_arn=… is of no use without'],
    [
      { environment: 'dev', domain_name: 'a.example' },
      '-c domain_name=… and -c certificate_arn=… belong together.',
    ],
    [{ environment: 'dev', public_url: 'http://a.example' }, '-c public_url=http://a.example cannot be used'],
    [
      { environment: 'dev', stt_engine: 'sherpa' },
      '-c stt_engine=sherpa cannot be used: it takes off or openai or aws.',
    ],
    [
      { environment: 'dev', worker_concurrency: '0' },
      '-c worker_concurrency=0 cannot be used: it takes a number from 1 to 9999.',
    ],
    [
      { environment: 'dev', table_name: {} },
      '-c table_name={} cannot be used: it takes the name of a table.',
    ],
  ])('refuses %j with a sentence', (context, sentence) => {
    expect(refusalOf(context)).toContain(sentence);
  });

  it('names what it does not know, and what it does', () => {
    const message = refusalOf({ environment: 'dev', enviroment: 'prod' });
    expect(message).toContain('-c enviroment=… is not known here.');
    expect(message).toContain('enable_cloudfront');
  });

  it('wants a domain to be in front of CloudFront', () => {
    const certificate_arn = 'arn:aws:acm:us-east-1:123456789012:certificate/1-2-3';
    expect(refusalOf({ environment: 'dev', domain_name: 'a.example', certificate_arn })).toContain(
      'needs -c enable_cloudfront=true',
    );
  });
});
