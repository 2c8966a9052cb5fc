import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, download, uploadFixture } from '../e2e/client.ts';
import { findPort } from '../servers/free-port.ts';
import { copiedFromContext, execForm, readDockerfile, variablesOf, type Instruction } from './dockerfile.ts';

const root = resolve(import.meta.dirname, '..', '..');
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

const instructions = readDockerfile(join(root, 'Dockerfile'));
const lastStage = instructions.at(-1)?.stage;
const inLast = (name: string): Instruction => {
  const found = instructions.find((each) => each.name === name && each.stage === lastStage);
  if (found === undefined) throw new Error(`The Dockerfile has no ${name}.`);
  return found;
};

/** What a stage copies out of the checkout, where its COPY puts it. Tests are left out, as .dockerignore does. */
function copyContext(stage: number | undefined, target: string): void {
  for (const instruction of instructions) {
    if (instruction.stage !== stage || instruction.name !== 'COPY') continue;
    const destination = instruction.text.split(/\s+/).at(-1) ?? '';
    for (const source of copiedFromContext(instruction)) {
      const from = join(root, source);
      const to =
        statSync(from).isDirectory() || !destination.endsWith('/')
          ? destination
          : join(destination, source.split('/').at(-1) ?? '');
      const place = join(target, destination === './' ? source : to);
      mkdirSync(dirname(place), { recursive: true });
      cpSync(from, place, {
        recursive: true,
        filter: (path) => !/\.test\.ts$|\/fixtures(?:\/|$)/.test(path),
      });
    }
  }
}

function forbidWriting(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true })) {
    if (!entry.isSymbolicLink())
      chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o555 : 0o444);
  }
  chmodSync(path, 0o555);
}

/** Asks until it answers. */
async function untilHealthy(url: string, child: ChildProcess, said: () => string): Promise<void> {
  for (const limit = Date.now() + 60_000; Date.now() < limit;) {
    if (child.exitCode !== null) throw new Error(`It ended.\n${said()}`);
    if ((await fetch(`${url}/health`).catch(() => null))?.ok === true) return;
    await new Promise((later) => setTimeout(later, 100));
  }
  throw new Error(`It took too long.\n${said()}`);
}

describe('what the image has in it', () => {
  const place = mkdtempSync(join(tmpdir(), 'earshot-image-'));
  const [build, app, data] = [join(place, 'build'), join(place, 'app'), join(place, 'data')] as const;
  const identity = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  let environment: Record<string, string>;
  let server: ChildProcess;
  let url: string;
  let said = '';

  const inApp = (words: readonly string[]): string[] =>
    words.map((word) => word.replace(/^\/app\//, `${app}/`));

  beforeAll(async () => {
    copyContext(0, build);
    symlinkSync(join(root, 'node_modules'), join(build, 'node_modules'));
    const tsc = join(root, 'node_modules', '.bin');
    const env = { ...process.env, PATH: `${tsc}:${process.env['PATH']}` };
    await promisify(execFile)('npm', ['run', 'build'], { cwd: build, env });

    mkdirSync(app);
    copyContext(lastStage, app);
    cpSync(join(build, 'dist'), join(app, 'dist'), { recursive: true });
    forbidWriting(app);
    chmodSync(app, 0o755);
    symlinkSync(join(root, 'node_modules'), join(app, 'node_modules'));
    chmodSync(app, 0o555);
    mkdirSync(data, { mode: 0o700 });
    if (isRoot) chownSync(data, NOBODY, NOBODY);
    chmodSync(place, 0o755);

    const variables = Object.entries(variablesOf(inLast('ENV'))).map(
      ([name, value]) => [name, value.replace(/^\/data/, data)] as const,
    );
    const port = await findPort();
    environment = {
      PATH: process.env['PATH'] ?? '',
      ...Object.fromEntries(variables),
      // As `docker run -e` would: the rest is the image's own.
      PORT: String(port),
      HOST: '127.0.0.1',
      AUTH: 'off',
    };
    url = `http://127.0.0.1:${port}`;
    const [, ...script] = inApp(execForm(inLast('CMD')));
    server = spawn(process.execPath, script, { cwd: data, env: environment, ...identity });
    server.stdout?.setEncoding('utf8').on('data', (text: string) => (said += text));
    server.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
    await untilHealthy(url, server, () => said);
  }, 240_000);

  afterAll(() => {
    if (server.exitCode === null) server.kill('SIGKILL');
    chmodSync(app, 0o755);
    for (const entry of readdirSync(app, { withFileTypes: true, recursive: true })) {
      if (entry.isDirectory()) chmodSync(join(entry.parentPath, entry.name), 0o755);
    }
    rmSync(place, { recursive: true, force: true });
  });

  it('has every dependency that it is ready with', async () => {
    const { status, body } = await call(url, '/ready');
    expect([status, body['status']]).toEqual([200, 'ready']);
  });

  it('takes sound in and plays it, writing into its volume alone', async () => {
    expect((await uploadFixture(url, 'tone.flac')).status).toBe(201);
    const { response, bytes } = await download(`${url}/api/audio/tone.mp3`);
    expect([response.status, bytes.length > 1000]).toEqual([200, true]);
    expect(readdirSync(data)).toEqual(expect.arrayContaining(['audio_files', 'earshot.db', 'tmp']));
    expect(said).not.toMatch(/EACCES|EROFS|"level":(?:40|50|60)/);
  });

  it('is found healthy by its own check', async () => {
    const [, ...words] = execForm(inLast('HEALTHCHECK'));
    const check = promisify(execFile)(process.execPath, words, { env: environment, ...identity });
    await expect(check).resolves.toBeDefined();
    const elsewhere = { ...environment, PORT: String(await findPort()) };
    await expect(promisify(execFile)(process.execPath, words, { env: elsewhere })).rejects.toThrow();
  });

  it('has the commands too', async () => {
    const options = { cwd: data, env: environment, ...identity };
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(app, 'bin', 'earshot.js'), 'requests', 'list'],
      options,
    );
    expect(stdout).toContain('ingest');
  });

  it('ends by itself when it is told to', async () => {
    server.kill('SIGTERM');
    if (server.exitCode === null) await once(server, 'exit');
    expect(server.exitCode).toBe(0);
  });
});
