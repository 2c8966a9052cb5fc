import dynalite from 'dynalite';
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findPort } from './free-port.ts';

/** A DynamoDB that speaks the wire protocol over loopback. */
export interface DynamoDbServer {
  readonly endpoint: string;
  /** dynalite knows no transactions and no time to live. */
  readonly kind: 'running' | 'dynamodb-local' | 'dynalite';
  stop(): Promise<void>;
}

const cache = join(import.meta.dirname, '..', '..', '.cache');
/** Holds the official DynamoDB Local, whose licence allows its use and not that others hand it on: it is fetched. */
const PACKAGE = 'amplify-dynamodb-simulator@2.9.30';
const PACKAGE_SHA256 = '3503ffac19f183407909fecdacf4db51ab1fdad1da7b2f177016670b2d80e4b9';
const START_LIMIT_MS = 60_000;
const run = promisify(execFile);

/**
 * The one that `DYNAMODB_ENDPOINT` names; else the official DynamoDB Local where there is Java; else dynalite. Empty,
 * but for one that ran before.
 */
export async function startDynamoDb(environment: NodeJS.ProcessEnv): Promise<DynamoDbServer> {
  const running = environment['DYNAMODB_ENDPOINT'];
  if (running !== undefined && running !== '') {
    return { endpoint: running, kind: 'running', stop: async () => undefined };
  }
  const hasJava = await run('java', ['-version']).then(
    () => true,
    () => false,
  );
  if (!hasJava) return startDynalite();
  try {
    return await startDynamoDbLocal();
  } catch (error) {
    // CI must not be content with less.
    if (environment['REQUIRE_DYNAMODB_LOCAL'] === '1') throw error;
    process.stdout.write(`No DynamoDB Local (${String(error)}): dynalite, which knows no transactions.\n`);
    return startDynalite();
  }
}

async function startDynalite(): Promise<DynamoDbServer> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    kind: 'dynalite',
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function startDynamoDbLocal(): Promise<DynamoDbServer> {
  const directory = await fetchDynamoDbLocal();
  const port = await findPort();
  const options = ['-inMemory', '-sharedDb', '-disableTelemetry', '-port', String(port)];
  const child = spawn(
    'java',
    [`-Djava.library.path=${join(directory, 'DynamoDBLocal_lib')}`, '-jar', 'DynamoDBLocal.jar', ...options],
    { cwd: directory, stdio: 'ignore' },
  );
  for (const limit = Date.now() + START_LIMIT_MS; ; await setTimeout(50)) {
    if (await accepts(port)) break;
    if (child.exitCode === null && Date.now() < limit) continue;
    child.kill('SIGKILL');
    throw new Error('DynamoDB Local does not start.');
  }
  return {
    endpoint: `http://127.0.0.1:${port}`,
    kind: 'dynamodb-local',
    stop: async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

/** @returns the directory that holds it, fetched once for a checkout */
async function fetchDynamoDbLocal(): Promise<string> {
  const directory = join(cache, 'dynamodb-local');
  const jar = join(directory, 'DynamoDBLocal.jar');
  if (await exists(jar)) return directory;
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'fetching-'));
  try {
    process.stdout.write('Fetching DynamoDB Local for the tests (57 MB, once).\n');
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    await run(npm, ['pack', PACKAGE, '--silent', '--pack-destination', work], { cwd: work });
    const archive = join(work, 'amplify-dynamodb-simulator-2.9.30.tgz');
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(archive)) hash.update(chunk as Uint8Array);
    if (hash.digest('hex') !== PACKAGE_SHA256) throw new Error(`${PACKAGE} is not what it was.`);
    await run('tar', ['-xzf', archive, '-C', work]);
    // Another run may have been faster; then this one's goes away with the rest.
    await rename(join(work, 'package', 'emulator'), directory).catch(async (error: unknown) => {
      if (!(await exists(jar))) throw error;
    });
    return directory;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
