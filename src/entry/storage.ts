import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { randomUUID } from 'node:crypto';
import { openDynamoApiKeyStore } from '../adapters/dynamodb/dynamo-api-key-store.ts';
import { openDynamoAudioFileStore } from '../adapters/dynamodb/dynamo-audio-file-store.ts';
import { openConnectionTable } from '../adapters/dynamodb/connection-table.ts';
import { openDynamoConnectionStore } from '../adapters/dynamodb/dynamo-connection-store.ts';
import { openDynamoPlaybackLinkStore } from '../adapters/dynamodb/dynamo-playback-link-store.ts';
import { openDynamoPositionStore } from '../adapters/dynamodb/dynamo-position-store.ts';
import { openDynamoRequestQueue } from '../adapters/dynamodb/dynamo-request-queue.ts';
import { openDynamoSessionStore } from '../adapters/dynamodb/dynamo-session-store.ts';
import { openDynamoSettingStore } from '../adapters/dynamodb/dynamo-setting-store.ts';
import { openDynamoStreamStore } from '../adapters/dynamodb/dynamo-stream-store.ts';
import { openDynamoSubscriptionStore } from '../adapters/dynamodb/dynamo-subscription-store.ts';
import { openDynamoTable } from '../adapters/dynamodb/dynamo-table.ts';
import { openDynamoUserStore } from '../adapters/dynamodb/dynamo-user-store.ts';
import { openRequestTable } from '../adapters/dynamodb/request-table.ts';
import { openSubscriptionTable } from '../adapters/dynamodb/subscription-table.ts';
import {
  CONNECTIONS,
  createTable,
  RECORDS,
  REQUESTS,
  SUBSCRIPTIONS,
  type CreateTableOptions,
  type TableCreation,
} from '../adapters/dynamodb/table-definition.ts';
import {
  AppError,
  isAlreadyExists,
  isAppError,
  isInvalidInput,
  isNotFound,
  isValidationError,
  ValidationError,
} from '../domain/app-error.ts';
import type { AudioFile, AudioFileStore } from '../domain/audio-file.ts';
import { checkConnection } from '../domain/connection.ts';
import type { Connection, ConnectionStore } from '../domain/connection.ts';
import type {
  ApiKey,
  ApiKeyStore,
  PlaybackLink,
  PlaybackLinkStore,
  Session,
  SessionStore,
} from '../domain/credentials.ts';
import { parseFilename } from '../domain/filename.ts';
import type { Log } from '../domain/log.ts';
import type { Page, PageRequest } from '../domain/page.ts';
import type { Position, PositionStore } from '../domain/position.ts';
import type {
  AsyncRequest,
  ClaimedRequest,
  Lease,
  NewRequest,
  RequestFailure,
  RequestFilter,
  RequestProgress,
  RequestQueue,
  RequestStatus,
  RequestTally,
} from '../domain/request.ts';
import type { SettingStore } from '../domain/setting.ts';
import { checkStoredDate, checkStoredId } from '../domain/stored-field.ts';
import { parseStreamName } from '../domain/stream.ts';
import type { StoredStream, StreamDefinition, StreamStore } from '../domain/stream.ts';
import { checkSubscription } from '../domain/subscription.ts';
import type { EventType, Subscription, SubscriptionStore } from '../domain/subscription.ts';
import { parseUsername } from '../domain/user.ts';
import type { User, UserStore } from '../domain/user.ts';

/*
 * `earshot/storage`: the stores in DynamoDB by themselves, for programs of other people. What is exported here changes
 * with the major version alone.
 */

/** Of users, audio files, streams and all else that has no table of its own. */
export const RECORDS_TABLE = 'yoto-smart-stream-dev';
export const REQUESTS_TABLE = 'streamer_requests';
export const CONNECTIONS_TABLE = 'streamer_connections';
export const SUBSCRIPTIONS_TABLE = 'streamer_subscriptions';

export interface TableNames {
  /** {@link RECORDS_TABLE} unless given. */
  readonly records?: string | undefined;
  /** {@link REQUESTS_TABLE} unless given. */
  readonly requests?: string | undefined;
  /** {@link CONNECTIONS_TABLE} unless given. */
  readonly connections?: string | undefined;
  /** {@link SUBSCRIPTIONS_TABLE} unless given. */
  readonly subscriptions?: string | undefined;
}

/**
 * Makes all tables with their indexes and their time to live, and waits until they can be used. What is there stays,
 * and gets the indexes that it lacks.
 * @param options `hasTimeToLive: false` for services that do not know it
 * @returns by table what was done
 * @throws the SDK's errors
 */
export async function createTables(
  client: DynamoDBClient,
  {
    records = RECORDS_TABLE,
    requests = REQUESTS_TABLE,
    connections = CONNECTIONS_TABLE,
    subscriptions = SUBSCRIPTIONS_TABLE,
  }: TableNames = {},
  options: Pick<CreateTableOptions, 'hasTimeToLive'> = {},
): Promise<Readonly<Record<string, TableCreation>>> {
  return {
    [records]: await createTable(client, records, { ...options, definition: RECORDS }),
    [requests]: await createTable(client, requests, { ...options, definition: REQUESTS }),
    [connections]: await createTable(client, connections, { ...options, definition: CONNECTIONS }),
    [subscriptions]: await createTable(client, subscriptions, { ...options, definition: SUBSCRIPTIONS }),
  };
}

/*
 * Each store throws AppErrors, which `isNotFound` and the others tell apart; `storage_unavailable`, with the SDK's error
 * as its cause, when DynamoDB does not answer as it should. Nothing is asked of DynamoDB by opening one.
 */

/** `create` and `save` throw ValidationError, `username`, for a name that no user may have. */
export function openUserStore(client: DynamoDBClient, tableName = RECORDS_TABLE): UserStore {
  const store = openDynamoUserStore(openDynamoTable(client, tableName));
  return {
    ...store,
    create: async (user) => store.create({ ...user, username: parseUsername(user.username) }),
    save: async (user, ifRevision) =>
      store.save({ ...user, username: parseUsername(user.username) }, ifRevision),
  };
}

/** `create` throws ValidationError, `filename`, for a name that no file may have. */
export function openAudioFileStore(client: DynamoDBClient, tableName = RECORDS_TABLE): AudioFileStore {
  const store = openDynamoAudioFileStore(openDynamoTable(client, tableName));
  return {
    ...store,
    create: async (file) => store.create({ ...file, filename: parseFilename(file.filename) }),
  };
}

/**
 * `save` throws ValidationError, `name`, for a name that no stream may have.
 * @param log hears of definitions that cannot be read, which lists leave out
 */
export function openStreamStore(
  client: DynamoDBClient,
  tableName: string | undefined,
  log: Log,
): StreamStore {
  const store = openDynamoStreamStore(openDynamoTable(client, tableName ?? RECORDS_TABLE), {
    clock: Date.now,
    log,
  });
  return {
    ...store,
    save: async (stream, expected) => {
      parseStreamName(stream.name);
      return store.save(stream, expected);
    },
  };
}

export const openSessionStore = (client: DynamoDBClient, tableName = RECORDS_TABLE): SessionStore =>
  openDynamoSessionStore(openDynamoTable(client, tableName), Date.now);

export const openApiKeyStore = (client: DynamoDBClient, tableName = RECORDS_TABLE): ApiKeyStore =>
  openDynamoApiKeyStore(openDynamoTable(client, tableName), Date.now);

export const openPlaybackLinkStore = (client: DynamoDBClient, tableName = RECORDS_TABLE): PlaybackLinkStore =>
  openDynamoPlaybackLinkStore(openDynamoTable(client, tableName), Date.now);

export const openPositionStore = (client: DynamoDBClient, tableName = RECORDS_TABLE): PositionStore =>
  openDynamoPositionStore(openDynamoTable(client, tableName));

export const openSettingStore = (client: DynamoDBClient, tableName = RECORDS_TABLE): SettingStore =>
  openDynamoSettingStore(openDynamoTable(client, tableName));

/** `enqueue` throws ValidationError for an id or an action that a table cannot hold. */
export function openRequestQueue(client: DynamoDBClient, tableName = REQUESTS_TABLE): RequestQueue {
  const queue = openDynamoRequestQueue(openRequestTable(client, tableName), {
    clock: Date.now,
    newId: randomUUID,
  });
  return {
    ...queue,
    enqueue: async (request) => {
      for (const field of ['requestId', 'action', 'userId', 'tenantId'] as const) {
        checkStoredId(field, request[field]);
      }
      if (request.connectionId !== undefined) checkStoredId('connectionId', request.connectionId);
      return queue.enqueue(request);
    },
  };
}

/** `save` and `updateLastPing` throw ValidationError for what a table cannot hold; an id may not hold a `#`. */
export function openConnectionStore(client: DynamoDBClient, tableName = CONNECTIONS_TABLE): ConnectionStore {
  const store = openDynamoConnectionStore(openConnectionTable(client, tableName), Date.now);
  return {
    ...store,
    save: async (connection) => {
      checkConnection(connection);
      await store.save(connection);
    },
    updateLastPing: async (connectionId, lastPingMs) => {
      checkStoredDate('lastPingMs', lastPingMs);
      await store.updateLastPing(connectionId, lastPingMs);
    },
  };
}

/** `subscribe` throws ValidationError for what a table cannot hold. */
export function openSubscriptionStore(
  client: DynamoDBClient,
  tableName = SUBSCRIPTIONS_TABLE,
): SubscriptionStore {
  const store = openDynamoSubscriptionStore(openSubscriptionTable(client, tableName), Date.now);
  return {
    ...store,
    subscribe: async (subscription) => {
      checkSubscription(subscription);
      await store.subscribe(subscription);
    },
  };
}

export {
  AppError,
  isAlreadyExists,
  isAppError,
  isInvalidInput,
  isNotFound,
  isValidationError,
  ValidationError,
};
export type {
  ApiKey,
  ApiKeyStore,
  AsyncRequest,
  AudioFile,
  AudioFileStore,
  ClaimedRequest,
  Connection,
  ConnectionStore,
  EventType,
  Lease,
  Log,
  NewRequest,
  Page,
  PageRequest,
  PlaybackLink,
  PlaybackLinkStore,
  Position,
  PositionStore,
  RequestFailure,
  RequestFilter,
  RequestProgress,
  RequestQueue,
  RequestStatus,
  RequestTally,
  Session,
  SessionStore,
  SettingStore,
  StoredStream,
  StreamDefinition,
  StreamStore,
  Subscription,
  SubscriptionStore,
  TableCreation,
  User,
  UserStore,
};
