import { constants } from 'node:fs';
import { access, mkdir, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Command } from 'commander';
import { openMediaTool } from '../../adapters/ffmpeg/open-media-tool.ts';
import { openDatabase } from '../../adapters/sqlite/database.ts';
import { isLoopback, type Config } from '../config.ts';
import { readEnvironment } from '../environment.ts';
import { createLogger } from '../logger.ts';
import { findSpeechToText } from '../open-speech-to-text.ts';
import { openTextToSpeech } from '../open-text-to-speech.ts';

/** What a check found: `warn` works but may surprise; `fail` keeps the server from running. */
interface Finding {
  readonly level: 'ok' | 'warn' | 'fail';
  readonly text: string;
}

const STREAMS = {
  sqlite: 'stream definitions in the database',
  dynamodb: 'stream definitions in the DynamoDB table',
  s3: 'stream definitions in the S3 bucket',
} as const;

const LOW_SPACE_BYTES = 1024 ** 3;

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('look whether everything is here that the server needs, and say what to do where it is not')
    .action(async () => {
      const config = readEnvironment();
      let failed = false;
      for (const check of CHECKS) {
        const { level, text } = await check(config);
        failed ||= level === 'fail';
        console.log(`${{ ok: '  ok  ', warn: ' warn ', fail: ' FAIL ' }[level]} ${text}`);
      }
      console.log(failed ? '\nThe server will not run like this.' : '\nThe server can run.');
      if (failed) process.exitCode = 1;
    });
}

const CHECKS: readonly ((config: Config) => Promise<Finding>)[] = [
  async () => ({ level: 'ok', text: `Node ${process.versions.node}` }),
  (config) => checkDirectory('temporary files', config.tempDir, 'TEMP_DIR', 'fail'),
  checkFfmpeg,
  checkHearing,
  checkSpeaking,
  checkAudio,
  checkRecords,
  checkStreams,
  checkSpace,
  checkPort,
  checkAccess,
];

async function checkAudio({ audioBucket, audioFilesDir }: Config): Promise<Finding> {
  if (audioBucket === null) return checkDirectory('audio', audioFilesDir, 'AUDIO_FILES_DIR', 'fail');
  const { tryBucket } = await import('../bucket-storage.ts');
  try {
    await tryBucket(audioBucket);
    return { level: 'ok', text: `audio in the S3 bucket ${audioBucket.bucket}` };
  } catch (error) {
    return { level: 'fail', text: sentence(error) };
  }
}

async function checkFfmpeg(config: Config): Promise<Finding> {
  try {
    const tool = await openMediaTool({
      ffmpegPath: config.ffmpegPath,
      searchPath: config.searchPath,
      tempDir: config.tempDir,
      maxAudioHours: config.maxAudioHours,
      log: createLogger('silent', false),
    });
    const { kind, path, version } = await tool.describe();
    if (kind === 'native') return { level: 'ok', text: `ffmpeg ${version} at ${path}` };
    return {
      level: 'ok',
      text: `ffmpeg ${version}, the WebAssembly build that came along; files over 500 MB need ffmpeg installed`,
    };
  } catch (error) {
    return { level: 'fail', text: `ffmpeg does not run: ${sentence(error)} Set FFMPEG_PATH, or unset it.` };
  }
}

/** Without a word to a remote engine: whether its key is right is seen when it is used. */
async function checkHearing(config: Config): Promise<Finding> {
  try {
    const { engine, hint } = await findSpeechToText(config, createLogger('silent', false));
    if (engine !== null) {
      const { kind, model } = await engine.describe();
      return { level: 'ok', text: `speech is heard by ${kind} (${model})` };
    }
    if (hint === '') return { level: 'ok', text: 'speech is not transcribed (STT_ENGINE=off)' };
    return { level: 'warn', text: `no engine hears speech. To get one: ${hint}` };
  } catch (error) {
    return { level: 'fail', text: lineOf(error) };
  }
}

async function checkSpeaking(config: Config): Promise<Finding> {
  try {
    const engine = await openTextToSpeech(config, createLogger('silent', false));
    if (engine === null) return { level: 'ok', text: 'text is not spoken (TTS_ENGINE=off)' };
    const { kind, model } = await engine.describe();
    return { level: 'ok', text: `text is spoken by ${kind} (${model})` };
  } catch (error) {
    return { level: 'fail', text: lineOf(error) };
  }
}

/** Of a ConfigError the line that names the variable. */
const lineOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n').at(-1)?.trim() ?? '';

async function checkRecords(config: Config): Promise<Finding> {
  if (config.dynamoTables === null) return checkDatabase(config);
  const { tryTables } = await import('../dynamo-storage.ts');
  const { table, requestsTable, connectionsTable, subscriptionsTable } = config.dynamoTables;
  try {
    await tryTables(config.dynamoTables);
    const companions = `${requestsTable}, ${connectionsTable} and ${subscriptionsTable}`;
    return { level: 'ok', text: `records in the DynamoDB tables ${table}, ${companions}` };
  } catch (error) {
    return { level: 'fail', text: sentence(error) };
  }
}

async function checkDatabase(config: Config): Promise<Finding> {
  try {
    const db = openDatabase(config.databasePath);
    db.check();
    db.close();
    return { level: 'ok', text: `database ${config.databasePath}` };
  } catch (error) {
    return { level: 'fail', text: `database ${config.databasePath}: ${sentence(error)} Set DATABASE_URL.` };
  }
}

async function checkDirectory(
  what: string,
  path: string,
  variable: string,
  level: 'warn' | 'fail',
): Promise<Finding> {
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.W_OK | constants.X_OK);
    return { level: 'ok', text: `${what} in ${path}` };
  } catch (error) {
    return { level, text: `${what}: ${path} cannot be written (${sentence(error)}). Set ${variable}.` };
  }
}

async function checkStreams(config: Config): Promise<Finding> {
  if (config.streamStorage === 'memory') {
    return {
      level: 'warn',
      text: 'stream definitions live in memory and end with the server (STREAM_STORAGE=memory)',
    };
  }
  if (config.streamStorage !== 'file') return { level: 'ok', text: STREAMS[config.streamStorage] };
  return checkDirectory('stream definitions', config.streamStorageDir.path, 'STREAM_STORAGE_DIR', 'warn');
}

async function checkSpace(config: Config): Promise<Finding> {
  const { bavail, bsize } = await statfs(config.dataDir);
  const free = bavail * bsize;
  const text = `${(free / 1024 ** 3).toFixed(1)} GB free where the data lives`;
  return { level: free < LOW_SPACE_BYTES ? 'warn' : 'ok', text };
}

async function checkPort(config: Config): Promise<Finding> {
  const code = await new Promise<string | null>((found) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => found(error.code ?? error.message));
    server.listen(config.port, config.host, () => server.close(() => found(null)));
  });
  const where = `${config.host}:${config.port}`;
  if (code === null) return { level: 'ok', text: `${where} is free` };
  if (code === 'EADDRINUSE') {
    return { level: 'warn', text: `${where} is taken: the server may be running already; else set PORT` };
  }
  return { level: 'fail', text: `${where} cannot be listened on (${code}): set HOST and PORT` };
}

async function checkAccess(config: Config): Promise<Finding> {
  const open = !isLoopback(config.host);
  if (config.auth === 'off') {
    if (open) return { level: 'fail', text: 'AUTH=off needs a loopback HOST such as 127.0.0.1' };
    return { level: 'warn', text: 'AUTH=off: every program on this machine may do everything' };
  }
  if (open && (config.publicUrl === null || config.publicUrl.startsWith('http:'))) {
    return {
      level: 'warn',
      text: 'other machines can reach it, without https: passwords travel in the clear',
    };
  }
  return { level: 'ok', text: open ? `reached as ${config.publicUrl}` : 'reached from this machine alone' };
}

/** The first line of what went wrong, ending in a full stop. */
function sentence(error: unknown): string {
  const line = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
