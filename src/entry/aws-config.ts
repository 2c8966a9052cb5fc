import { z } from 'zod';
import { unusable } from './config-error.ts';
import { origin } from './origin.ts';

/** Where a service of AWS is, or one that speaks like it. Credentials are found by the AWS SDK's own rules. */
interface Service {
  readonly region: string;
  /** AWS's own of the region unless given. */
  readonly endpoint?: string | undefined;
}

export interface DynamoTables extends Service {
  /** The single table of records. */
  readonly table: string;
  readonly requestsTable: string;
  readonly connectionsTable: string;
  readonly subscriptionsTable: string;
}

export interface AudioBucket extends Service {
  readonly bucket: string;
  readonly forcePathStyle?: boolean | undefined;
}

const tableName = z.string().regex(/^[\w.-]{3,255}$/, 'the name of a table');

/** The variables of the environment that concern AWS. */
export const AWS_VARIABLES = {
  AWS_REGION: z.string().min(1).optional(),
  DYNAMODB_TABLE: tableName.optional(),
  DYNAMODB_ENDPOINT: origin.optional(),
  REQUESTS_TABLE: tableName.default('streamer_requests'),
  CONNECTIONS_TABLE: tableName.default('streamer_connections'),
  SUBSCRIPTIONS_TABLE: tableName.default('streamer_subscriptions'),
  S3_AUDIO_BUCKET: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of a bucket')
    .optional(),
  S3_ENDPOINT: origin.optional(),
  S3_FORCE_PATH_STYLE: z.enum(['true', 'false']).optional(),
  PRESIGNED_PLAYBACK: z.enum(['off', 'on']).default('off'),
  WEBSOCKET_ENDPOINT: origin.optional(),
  WEBSOCKET_URL: z.url({ protocol: /^wss?$/ }).optional(),
  ENVIRONMENT: z
    .string()
    .regex(/^[\w-]{1,50}$/, 'a name such as prod')
    .default('default'),
};

type Variables = z.output<z.ZodObject<typeof AWS_VARIABLES>>;

export function readDynamoTables(env: Variables): DynamoTables | null {
  const { DYNAMODB_TABLE: table, DYNAMODB_ENDPOINT: endpoint } = env;
  if (table === undefined) return null;
  return {
    table,
    requestsTable: env.REQUESTS_TABLE,
    connectionsTable: env.CONNECTIONS_TABLE,
    subscriptionsTable: env.SUBSCRIPTIONS_TABLE,
    ...serviceAt(endpoint, env.AWS_REGION, 'the region of the tables'),
  };
}

export function readAudioBucket(env: Variables): AudioBucket | null {
  const { S3_AUDIO_BUCKET: bucket, S3_ENDPOINT: endpoint, S3_FORCE_PATH_STYLE: pathStyle } = env;
  if (bucket === undefined) return null;
  return {
    bucket,
    ...serviceAt(endpoint, env.AWS_REGION, 'the region of the bucket'),
    ...(pathStyle !== undefined && { forcePathStyle: pathStyle === 'true' }),
  };
}

export function readPresignedPlayback(env: Variables): boolean {
  const isOn = env.PRESIGNED_PLAYBACK === 'on';
  if (isOn && env.S3_AUDIO_BUCKET === undefined) {
    throw unusable('PRESIGNED_PLAYBACK', 'on needs S3_AUDIO_BUCKET');
  }
  return isOn;
}

function serviceAt(endpoint: string | undefined, named: string | undefined, what: string): Service {
  // Other services have no regions, but their signatures name one.
  const region = named ?? (endpoint === undefined ? undefined : 'us-east-1');
  if (region === undefined) throw unusable('AWS_REGION', what);
  return { region, ...(endpoint !== undefined && { endpoint }) };
}
