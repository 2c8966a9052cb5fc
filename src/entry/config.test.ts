import { describe, expect, it } from 'vitest';
import { isLoopback, readConfig } from './config.ts';

describe('readConfig', () => {
  it('has a default for everything, relative to the working directory', () => {
    expect(readConfig({}, '/home/me')).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      publicUrl: null,
      auth: 'on',
      playback: 'link',
      dataDir: '/home/me',
      tempDir: '/home/me/tmp',
      databasePath: '/home/me/earshot.db',
      audioFilesDir: '/home/me/audio_files',
      streamStorage: 'file',
      streamStorageDir: { path: '/home/me/streams', why: 'local' },
      loudnessTargetLufs: -16,
      trustProxy: false,
      corsOrigins: [],
    });
  });

  it('puts what is written into /tmp on Lambda', () => {
    expect(readConfig({ AWS_LAMBDA_FUNCTION_NAME: 'f' }, '/var/task')).toMatchObject({
      audioFilesDir: '/tmp/audio_files',
      streamStorageDir: { path: '/tmp/streams', why: 'Lambda' },
    });
  });

  it('takes directories by name, relative to DATA_DIR', () => {
    const environment = {
      DATA_DIR: '/data',
      STREAM_STORAGE_DIR: 'queues',
      AUDIO_FILES_DIR: '/music',
      AWS_LAMBDA_FUNCTION_NAME: 'f',
    };
    expect(readConfig(environment, '/')).toMatchObject({
      streamStorageDir: { path: '/data/queues', why: 'named' },
      audioFilesDir: '/music',
    });
  });

  it.each([
    ['sqlite:///relative.db', '/data/relative.db'],
    ['sqlite:////absolute.db', '/absolute.db'],
  ])('reads DATABASE_URL=%s', (url, path) => {
    expect(readConfig({ DATA_DIR: '/data', DATABASE_URL: url }, '/').databasePath).toBe(path);
  });

  it('takes an empty value for an unset one', () => {
    expect(readConfig({ PORT: '', ADMIN_PASSWORD: '', DYNAMODB_TABLE: '' }, '/').port).toBe(8080);
  });

  it('takes tables, with the definitions of streams among them unless they are asked for elsewhere', () => {
    expect(readConfig({}, '/').dynamoTables).toBeNull();
    const onAws = { DYNAMODB_TABLE: 'earshot', AWS_REGION: 'eu-central-1' };
    expect(readConfig(onAws, '/')).toMatchObject({
      dynamoTables: {
        table: 'earshot',
        requestsTable: 'streamer_requests',
        connectionsTable: 'streamer_connections',
        subscriptionsTable: 'streamer_subscriptions',
        region: 'eu-central-1',
      },
      streamStorage: 'dynamodb',
    });
    expect(readConfig({ ...onAws, STREAM_STORAGE: 'file' }, '/').streamStorage).toBe('file');
    const local = {
      DYNAMODB_TABLE: 'earshot',
      DYNAMODB_ENDPOINT: 'http://127.0.0.1:8000',
      REQUESTS_TABLE: 'work',
      CONNECTIONS_TABLE: 'clients',
      SUBSCRIPTIONS_TABLE: 'wishes',
    };
    expect(readConfig(local, '/').dynamoTables).toEqual({
      table: 'earshot',
      requestsTable: 'work',
      connectionsTable: 'clients',
      subscriptionsTable: 'wishes',
      region: 'us-east-1',
      endpoint: 'http://127.0.0.1:8000',
    });
    expect(() => readConfig({ DYNAMODB_TABLE: 'earshot' }, '/')).toThrow('AWS_REGION');
  });

  it('takes a bucket, whose region must be known unless the service is another than AWS', () => {
    expect(readConfig({}, '/').audioBucket).toBeNull();
    expect(readConfig({ S3_AUDIO_BUCKET: 'audio', AWS_REGION: 'eu-central-1' }, '/').audioBucket).toEqual({
      bucket: 'audio',
      region: 'eu-central-1',
    });
    const own = { S3_AUDIO_BUCKET: 'audio', S3_ENDPOINT: 'http://nas:9000/', S3_FORCE_PATH_STYLE: 'true' };
    expect(readConfig(own, '/').audioBucket).toEqual({
      bucket: 'audio',
      region: 'us-east-1',
      endpoint: 'http://nas:9000',
      forcePathStyle: true,
    });
    expect(() => readConfig({ S3_AUDIO_BUCKET: 'audio' }, '/')).toThrow('AWS_REGION');
    expect(readConfig(own, '/').presignedPlayback).toBe(false);
    expect(readConfig({ ...own, PRESIGNED_PLAYBACK: 'on' }, '/').presignedPlayback).toBe(true);
  });

  it('takes loudness off, and other targets', () => {
    expect(readConfig({ LOUDNESS_LUFS: 'off' }, '/').loudnessTargetLufs).toBeNull();
    expect(readConfig({ LOUDNESS_LUFS: '-19.5' }, '/').loudnessTargetLufs).toBe(-19.5);
  });

  it('takes lists apart', () => {
    const config = readConfig(
      { CORS_ORIGINS: 'https://a.example, https://b.example/', TRUST_PROXY: '10.0.0.0/8, 127.0.0.1, ::1' },
      '/',
    );
    expect(config.corsOrigins).toEqual(['https://a.example', 'https://b.example']);
    expect(config.trustProxy).toEqual(['10.0.0.0/8', '127.0.0.1', '::1']);
  });

  it.each([
    ['PORT', 'eighty'],
    ['PORT', '65536'],
    ['AUTH', 'maybe'],
    ['PLAYBACK', 'yes'],
    ['ADMIN_PASSWORD', 'short'],
    ['JWT_SECRET', 'short'],
    ['DATABASE_URL', 'mysql://host/db'],
    ['STREAM_STORAGE', 'tape'],
    ['STREAM_STORAGE', 'dynamodb'],
    ['STREAM_STORAGE', 's3'],
    ['DYNAMODB_TABLE', 'no/table'],
    ['REQUESTS_TABLE', 'no table'],
    ['CONNECTIONS_TABLE', 'no table'],
    ['SUBSCRIPTIONS_TABLE', 'x'],
    ['DYNAMODB_ENDPOINT', 'localhost:8000'],
    ['S3_AUDIO_BUCKET', 'No Bucket'],
    ['S3_FORCE_PATH_STYLE', 'yes'],
    ['S3_ENDPOINT', 's3.example'],
    ['PRESIGNED_PLAYBACK', 'yes'],
    ['PRESIGNED_PLAYBACK', 'on'],
    ['LOUDNESS_LUFS', 'loud'],
    ['MAX_UPLOAD_MB', '0'],
    ['WORKERS', '1.5'],
    ['PUBLIC_URL', 'radio.example'],
    ['CORS_ORIGINS', 'radio'],
    ['CORS_ORIGINS', 'https://radio.example/page'],
    ['TRUST_PROXY', 'yes'],
    ['TRUST_PROXY', '10.0.0.0/33'],
    ['TRUST_PROXY', '127.0.0.1, '],
  ])('refuses %s=%s, naming the variable and not its value', (variable, value) => {
    expect(() => readConfig({ [variable]: value }, '/')).toThrow(variable);
    if (variable === 'ADMIN_PASSWORD')
      expect(() => readConfig({ [variable]: 'hunter2' }, '/')).not.toThrow('hunter2');
  });
});

it.each([
  ['127.0.0.1', true],
  ['127.1.2.3', true],
  ['localhost', true],
  ['::1', true],
  ['0.0.0.0', false],
  ['::', false],
  ['192.168.1.4', false],
  ['127.0.0.1.example.com', false],
])('isLoopback(%s) is %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
