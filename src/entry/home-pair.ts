import { ConfigError } from './config-error.ts';
import type { Config } from './config.ts';

/** The two homes that one environment names. */
export interface HomePair {
  /** With what of DYNAMODB_TABLE and S3_AUDIO_BUCKET is set: the home of a server that is started so. */
  readonly aws: Config;
  /** That of a server that is started without them. */
  readonly embedded: Config;
}

/** @throws ConfigError where the environment names but one */
export function readHomePair(config: Config): HomePair {
  if (config.dynamoTables === null && config.audioBucket === null) {
    throw new ConfigError(
      'Both homes come from the same settings: set DYNAMODB_TABLE and S3_AUDIO_BUCKET to the tables and the bucket ' +
        'of the AWS one, beside DATA_DIR, DATABASE_URL, AUDIO_FILES_DIR and STREAM_STORAGE_DIR of the embedded one.',
    );
  }
  const { streamStorage } = config;
  const isOfAws = streamStorage === 'dynamodb' || streamStorage === 's3';
  return {
    aws: config,
    embedded: {
      ...config,
      dynamoTables: null,
      audioBucket: null,
      streamStorage: isOfAws ? 'file' : streamStorage,
    },
  };
}
