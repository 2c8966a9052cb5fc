import type { AudioBucket } from './audio-bucket.ts';
import type { Options } from './options.ts';
import type { SigningKey } from './signing-key.ts';
import type { EarshotTable, TableNoun } from './tables.ts';
import type { WebSocketGateway } from './websocket-gateway.ts';

export interface HomeParts {
  readonly options: Options;
  readonly tables: Readonly<Record<TableNoun, EarshotTable>>;
  readonly bucket: Pick<AudioBucket, 'name' | 'arn'>;
  readonly gateway: WebSocketGateway;
  /** undefined without CloudFront. */
  readonly signingKey: Pick<SigningKey, 'keyPairId'> | undefined;
}

/** The variables that all functions have; docs/configuration.md describes those of the program. No secret is among them. */
export function environmentOf({ options, tables, bucket, gateway }: HomeParts): Record<string, string> {
  return {
    DYNAMODB_TABLE: tables.records.name,
    CONNECTIONS_TABLE: tables.connections.name,
    REQUESTS_TABLE: tables.requests.name,
    SUBSCRIPTIONS_TABLE: tables.subscriptions.name,
    S3_AUDIO_BUCKET: bucket.name,
    SECRETS_PREFIX: options.names.secretsPrefix,
    WEBSOCKET_ENDPOINT: gateway.managementUrl,
    WEBSOCKET_URL: gateway.url,
    ENVIRONMENT: options.environment,
    // Nothing else can be written there.
    DATA_DIR: '/tmp',
    TRUST_PROXY: options.trustProxy,
    PLAYBACK: options.playback,
    PRESIGNED_PLAYBACK: options.presignedPlayback ? 'on' : 'off',
    STT_ENGINE: options.sttEngine,
    TTS_ENGINE: options.ttsEngine,
    MQTT_ENABLED: String(options.enableMqtt),
    ...(options.yotoClientId !== undefined && { YOTO_CLIENT_ID: options.yotoClientId }),
    ...(options.publicUrl !== undefined && { PUBLIC_URL: options.publicUrl }),
    ...(options.corsOrigins.length > 0 && { CORS_ORIGINS: options.corsOrigins.join(',') }),
    NODE_OPTIONS: '--enable-source-maps',
  };
}

/**
 * What leads players through CloudFront; of the function that they ask. Nothing where CloudFront has no name yet that was
 * chosen: its own is not known to a function that it is in front of.
 */
export function playedByCloudFront({
  options: { domain, publicUrl },
  signingKey,
}: Pick<HomeParts, 'options' | 'signingKey'>): Record<string, string> {
  const url = domain === undefined ? publicUrl : `https://${domain.name}`;
  if (signingKey === undefined || url === undefined) return {};
  return { CLOUDFRONT_URL: url, CLOUDFRONT_KEY_PAIR_ID: signingKey.keyPairId };
}
