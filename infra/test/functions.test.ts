import { describe, expect, it } from 'vitest';
import { BUNDLE_NAMES } from '../lib/bundles.ts';
import { ENVIRONMENTS, functionOf, onlyResource, resourcesOf, synthesise } from './synthesised.ts';

const EXTENSION = {
  PARAMETERS_SECRETS_EXTENSION_CACHE_ENABLED: 'true',
  PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: '2773',
  SSM_PARAMETER_STORE_TTL: '1',
};

const variablesOf = (environment: unknown): Record<string, unknown> =>
  (environment as { Variables: Record<string, unknown> }).Variables;

describe.each(ENVIRONMENTS)('the functions of %s', (environment) => {
  const template = synthesise({ environment, yoto_client_id: 'abc', enable_mqtt: 'true' });

  it.each([
    ['http', { MemorySize: 1024, Timeout: 120 }],
    ['websocket', { MemorySize: 512, Timeout: 29 }],
    ['sweep', { MemorySize: 512, Timeout: 55 }],
  ])('%s runs its bundle on Node 24', (name, properties) => {
    expect(functionOf(template, name).Properties).toMatchObject({
      ...properties,
      FunctionName: `earshot-${environment}-${name}`,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Architectures: ['arm64'],
      Layers: [{ 'Fn::FindInMap': ['ParamsandsecretslayerMap', { Ref: 'AWS::Region' }, '1x0x103xarm64'] }],
    });
  });

  it('the worker comes as an image, with room and time for large files', () => {
    const { Properties } = functionOf(template, 'worker');
    expect(Properties).toMatchObject({
      FunctionName: `earshot-${environment}-worker`,
      PackageType: 'Image',
      Architectures: ['arm64'],
      MemorySize: 3008,
      Timeout: 900,
      EphemeralStorage: { Size: 10_240 },
    });
    expect(Properties).not.toHaveProperty('Layers');
    expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions');
  });

  it.each(BUNDLE_NAMES)('%s knows its home, and no secret', (name) => {
    const variables = variablesOf(functionOf(template, name).Properties['Environment']);
    expect(variables).toMatchObject({
      SECRETS_PREFIX: `/earshot/${environment}`,
      DATA_DIR: '/tmp',
      ENVIRONMENT: environment,
      TRUST_PROXY: 'false',
      PLAYBACK: 'link',
      YOTO_CLIENT_ID: 'abc',
      MQTT_ENABLED: 'true',
      ...EXTENSION,
    });
    for (const table of ['DYNAMODB_TABLE', 'REQUESTS_TABLE', 'CONNECTIONS_TABLE', 'SUBSCRIPTIONS_TABLE']) {
      expect(variables[table]).toEqual({ Ref: expect.stringMatching(/^Tables/) as unknown });
    }
    expect(variables['S3_AUDIO_BUCKET']).toEqual({ Ref: expect.stringMatching(/^Audio/) as unknown });
    expect(JSON.stringify(variables['WEBSOCKET_URL'])).toMatch(/"wss:\/\/".*\/live"/);
    expect(JSON.stringify(variables['WEBSOCKET_ENDPOINT'])).toMatch(/"https:\/\/".*\/live"/);
    expect(variables).not.toHaveProperty('PUBLIC_URL');
    expect(Object.keys(variables).filter((key) => /SECRET$|PASSWORD|API_KEY/.test(key))).toEqual([]);
  });

  it('have logs that end', () => {
    const groups = Object.values(resourcesOf(template, 'AWS::Logs::LogGroup'));
    expect(groups).toHaveLength(5);
    for (const group of groups) {
      expect(group.Properties['RetentionInDays']).toBe(environment === 'prod' ? 90 : 7);
      expect(group.DeletionPolicy).toBe('Delete');
    }
    for (const name of BUNDLE_NAMES) {
      expect(functionOf(template, name).Properties['LoggingConfig']).toEqual({
        LogGroup: { Ref: expect.stringContaining(`${name}Log`) as unknown },
      });
    }
  });

  it('answer by a function URL that streams', () => {
    template.resourceCountIs('AWS::Lambda::Url', 1);
    template.hasResourceProperties('AWS::Lambda::Url', {
      AuthType: 'NONE',
      InvokeMode: 'RESPONSE_STREAM',
      TargetFunctionArn: { 'Fn::GetAtt': ['Functionshttp4F580131', 'Arn'] },
    });
    // Everybody may call by that address, and by it alone.
    for (const permission of Object.values(resourcesOf(template, 'AWS::Lambda::Permission'))) {
      const { Principal, Action, FunctionUrlAuthType, InvokedViaFunctionUrl } = permission.Properties;
      if (Principal !== '*') continue;
      expect(Action === 'lambda:InvokeFunctionUrl' ? FunctionUrlAuthType : InvokedViaFunctionUrl).toBe(
        Action === 'lambda:InvokeFunctionUrl' ? 'NONE' : true,
      );
    }
  });

  it('start work by the stream of the requests, and give up in a queue', () => {
    const mapping = onlyResource(template, 'AWS::Lambda::EventSourceMapping').Properties;
    expect(mapping).toMatchObject({
      FunctionName: { Ref: expect.stringContaining('worker') as unknown },
      EventSourceArn: { 'Fn::GetAtt': [expect.stringContaining('Requests'), 'StreamArn'] },
      BatchSize: 100,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 2,
      MaximumRecordAgeInSeconds: 3600,
      DestinationConfig: {
        OnFailure: { Destination: { 'Fn::GetAtt': [expect.stringContaining('DeadLetters'), 'Arn'] } },
      },
    });
    const { Filters } = mapping['FilterCriteria'] as { Filters: { Pattern: string }[] };
    expect(Filters.map(({ Pattern }) => JSON.parse(Pattern) as unknown)).toEqual([
      { eventName: ['INSERT', 'MODIFY'], dynamodb: { NewImage: { Status: { S: ['PENDING'] } } } },
    ]);
  });

  it('keep what failed for a fortnight, sealed and by TLS', () => {
    template.hasResourceProperties('AWS::SQS::Queue', {
      MessageRetentionPeriod: 14 * 86_400,
      SqsManagedSseEnabled: true,
    });
  });

  it('sweep each minute, and do not try a minute again', () => {
    expect(onlyResource(template, 'AWS::Events::Rule').Properties).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      State: 'ENABLED',
      Targets: [
        {
          Arn: { 'Fn::GetAtt': [expect.stringContaining('sweep'), 'Arn'] },
          RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
        },
      ],
    });
  });
});

describe('what may be chosen', () => {
  it('reaches the functions', () => {
    const template = synthesise({
      environment: 'prod',
      public_url: 'https://radio.example',
      trust_proxy: '10.0.0.0/8,192.0.2.1',
      cors_origins: 'https://page.example',
      playback: 'public',
      presigned_playback: 'true',
      stt_engine: 'aws',
      tts_engine: 'polly',
      secrets_prefix: '/family/radio',
      worker_concurrency: '3',
    });
    expect(variablesOf(functionOf(template, 'http').Properties['Environment'])).toMatchObject({
      PUBLIC_URL: 'https://radio.example',
      TRUST_PROXY: '10.0.0.0/8,192.0.2.1',
      CORS_ORIGINS: 'https://page.example',
      PLAYBACK: 'public',
      PRESIGNED_PLAYBACK: 'on',
      STT_ENGINE: 'aws',
      TTS_ENGINE: 'polly',
      SECRETS_PREFIX: '/family/radio',
      MQTT_ENABLED: 'false',
    });
    expect(functionOf(template, 'worker').Properties['ReservedConcurrentExecutions']).toBe(3);
  });
});
