import { constants } from 'node:fs';
import { access, mkdir, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { openDatabase } from '../adapters/sqlite/database.ts';
import type { DiagnosisCheck, DiagnosisStatus } from '../services/diagnosis.ts';
import type { Ports } from '../services/ports.ts';
import { isLoopback, type Config } from './config.ts';

export type Finding = Omit<DiagnosisCheck, 'name'>;

const STREAMS = {
  sqlite: 'stream definitions in the database',
  dynamodb: 'stream definitions in the DynamoDB table',
  s3: 'stream definitions in the S3 bucket',
} as const;

const LOW_SPACE_BYTES = 1024 ** 3;

export const checkTemporary = ({ tempDir }: Config): Promise<Finding> =>
  checkDirectory('temporary files', tempDir, 'TEMP_DIR', 'failed');

export async function checkAudio({ audioBucket, audioFilesDir }: Config): Promise<Finding> {
  if (audioBucket === null) return checkDirectory('audio', audioFilesDir, 'AUDIO_FILES_DIR', 'failed');
  const { tryBucket } = await import('./bucket-storage.ts');
  try {
    await tryBucket(audioBucket);
    return { status: 'ok', detail: `audio in the S3 bucket ${audioBucket.bucket}` };
  } catch (error) {
    return { status: 'failed', detail: sentence(error) };
  }
}

/** @param running its own database is not opened once more */
export async function checkRecords(
  config: Config,
  running: Pick<Ports, 'settings'> | null,
): Promise<Finding> {
  if (config.dynamoTables === null) return checkDatabase(config, running);
  const { tryTables } = await import('./dynamo-storage.ts');
  const { table, requestsTable, connectionsTable, subscriptionsTable } = config.dynamoTables;
  try {
    await tryTables(config.dynamoTables);
    const companions = `${requestsTable}, ${connectionsTable} and ${subscriptionsTable}`;
    return { status: 'ok', detail: `records in the DynamoDB tables ${table}, ${companions}` };
  } catch (error) {
    return { status: 'failed', detail: sentence(error) };
  }
}

async function checkDatabase(
  { databasePath }: Config,
  running: Pick<Ports, 'settings'> | null,
): Promise<Finding> {
  try {
    if (running === null) {
      const db = openDatabase(databasePath);
      db.check();
      db.close();
    } else await running.settings.find('diagnosis');
    return { status: 'ok', detail: `database ${databasePath}` };
  } catch (error) {
    return { status: 'failed', detail: `database ${databasePath}: ${sentence(error)} Set DATABASE_URL.` };
  }
}

export async function checkStreams(
  config: Config,
  running: Pick<Ports, 'streamStorage'> | null,
): Promise<Finding> {
  if (config.streamStorage === 'memory') {
    return {
      status: 'warning',
      detail: 'stream definitions live in memory and end with the server (STREAM_STORAGE=memory)',
    };
  }
  const degraded = running?.streamStorage.detail;
  if (degraded !== undefined) {
    return { status: 'warning', detail: `${degraded} Set STREAM_STORAGE_DIR, and start it again.` };
  }
  if (config.streamStorage !== 'file') return { status: 'ok', detail: STREAMS[config.streamStorage] };
  const { path } = config.streamStorageDir;
  return checkDirectory('stream definitions', path, 'STREAM_STORAGE_DIR', 'warning');
}

async function checkDirectory(
  what: string,
  path: string,
  variable: string,
  status: DiagnosisStatus,
): Promise<Finding> {
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.W_OK | constants.X_OK);
    return { status: 'ok', detail: `${what} in ${path}` };
  } catch (error) {
    return { status, detail: `${what}: ${path} cannot be written (${sentence(error)}). Set ${variable}.` };
  }
}

export async function checkSpace({ dataDir }: Config): Promise<Finding> {
  const { bavail, bsize } = await statfs(dataDir);
  const free = bavail * bsize;
  const detail = `${(free / 1024 ** 3).toFixed(1)} GB free where the data lives`;
  return { status: free < LOW_SPACE_BYTES ? 'warning' : 'ok', detail };
}

export async function checkPort(config: Config): Promise<Finding> {
  const code = await new Promise<string | null>((found) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => found(error.code ?? error.message));
    server.listen(config.port, config.host, () => server.close(() => found(null)));
  });
  const where = `${config.host}:${config.port}`;
  if (code === null) return { status: 'ok', detail: `${where} is free` };
  if (code === 'EADDRINUSE') {
    const detail = `${where} is taken: the server may be running already; else set PORT`;
    return { status: 'warning', detail };
  }
  return { status: 'failed', detail: `${where} cannot be listened on (${code}): set HOST and PORT` };
}

export function checkAccess(config: Config): Finding {
  const open = !isLoopback(config.host);
  if (config.auth === 'off') {
    if (open) return { status: 'failed', detail: 'AUTH=off needs a loopback HOST such as 127.0.0.1' };
    return { status: 'warning', detail: 'AUTH=off: every program on this machine may do everything' };
  }
  if (open && (config.publicUrl === null || config.publicUrl.startsWith('http:'))) {
    return {
      status: 'warning',
      detail: 'other machines can reach it, without https: passwords travel in the clear',
    };
  }
  const detail = open ? `reached as ${config.publicUrl}` : 'reached from this machine alone';
  return { status: 'ok', detail };
}

/** The first line of what went wrong, ending in a full stop. */
export function sentence(error: unknown): string {
  const line = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
