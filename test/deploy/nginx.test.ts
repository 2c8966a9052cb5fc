import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request, type RequestOptions } from 'node:https';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import { call, fixture } from '../e2e/client.ts';
import { makeDataDirectory, startProgram, type Program } from '../e2e/program.ts';
import { makeToneWav } from '../made-audio.ts';
import { findProgram } from '../programs.ts';
import { findPort } from '../servers/free-port.ts';

const root = resolve(import.meta.dirname, '..', '..');
// It is not on everybody's PATH.
const nginx = existsSync('/usr/sbin/nginx') ? '/usr/sbin/nginx' : findProgram('nginx');
/** 128 kbit/s */
const BYTES_A_SECOND = 16_000;
const PASSWORD = 'correct horse battery';

/** deploy/nginx.conf with the ports, the certificate and the log of this test, and nothing else changed. */
function documentedConfig(places: {
  directory: string;
  port: number;
  httpPort: number;
  upstream: number;
}): string {
  const { directory, port, httpPort, upstream } = places;
  const text = readFileSync(join(root, 'deploy', 'nginx.conf'), 'utf8')
    .replace('listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`)
    .replace('listen 80;', `listen 127.0.0.1:${httpPort};`)
    .replace(/^ *listen \[::\].*\n/gm, '')
    .replace(/\/etc\/letsencrypt\/live\/radio\.example/g, directory)
    .replace('/var/log/nginx', directory)
    .replace('server 127.0.0.1:8080;', `server 127.0.0.1:${upstream};`);
  const own = [
    'client_body_temp_path',
    'proxy_temp_path',
    'fastcgi_temp_path',
    'uwsgi_temp_path',
    'scgi_temp_path',
  ];
  const paths = own.map((name) => `${name} ${directory}/tmp;`).join('\n');
  return `daemon off; pid ${directory}/pid; error_log stderr; events {} http { ${paths}\n${text}\n}`;
}

interface Reply {
  readonly response: IncomingMessage;
  readonly json: () => Promise<Record<string, unknown>>;
  readonly bytes: () => Promise<Buffer>;
}

describe.skipIf(nginx === null)('behind the documented nginx', () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let directory: string;
  let program: Program;
  let proxy: ChildProcess;
  let port: number;
  let httpPort: number;
  let authorization: string;

  /** A request by TLS, as radio.example; it is answered as soon as the head of the answer has come. */
  function ask(
    path: string,
    options: RequestOptions & { json?: unknown; body?: Uint8Array } = {},
  ): Promise<Reply> {
    const { json, body, headers, ...rest } = options;
    const payload = json === undefined ? body : Buffer.from(JSON.stringify(json));
    return new Promise((onReply, onError) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port,
          path,
          agent: false,
          rejectUnauthorized: false,
          ...rest,
          headers: {
            host: 'radio.example',
            authorization,
            ...(json !== undefined && { 'content-type': 'application/json' }),
            ...(headers as Record<string, string>),
          },
        },
        (response) => {
          const bytes = async () => Buffer.concat(await Array.fromAsync(response as AsyncIterable<Buffer>));
          const text = async () => JSON.parse((await bytes()).toString()) as Record<string, unknown>;
          onReply({ response, bytes, json: text });
        },
      );
      sent.on('error', onError).end(payload);
    });
  }

  async function upload(name: string, content: Uint8Array<ArrayBuffer>): Promise<number | undefined> {
    const form = new FormData();
    form.set('file', new Blob([content]), name);
    const encoded = new Response(form);
    const { response } = await ask('/api/audio/upload', {
      method: 'POST',
      headers: { 'content-type': encoded.headers.get('content-type') ?? '', prefer: 'wait=30' },
      body: await encoded.bytes(),
    });
    response.resume();
    return response.statusCode;
  }

  beforeAll(async () => {
    data = await makeDataDirectory();
    program = await startProgram(data.path, { ADMIN_PASSWORD: PASSWORD, TRUST_PROXY: '127.0.0.1' });
    port = await findPort();
    httpPort = await findPort();
    directory = join(data.path, 'nginx');
    mkdirSync(join(directory, 'tmp'), { recursive: true });
    const files = ['-keyout', join(directory, 'privkey.pem'), '-out', join(directory, 'fullchain.pem')];
    const kind = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=radio.example'];
    execFileSync('openssl', ['req', ...kind, ...files], { stdio: 'ignore' });
    const upstream = Number(new URL(program.url).port);
    writeFileSync(join(directory, 'conf'), documentedConfig({ directory, port, httpPort, upstream }));
    proxy = spawn(nginx ?? '', ['-c', join(directory, 'conf'), '-p', directory], { stdio: 'ignore' });
    authorization = '';
    const health = () =>
      ask('/health').then(
        ({ response }) => response.resume().statusCode,
        () => 0,
      );
    await vi.waitFor(async () => expect(await health()).toBe(200), { timeout: 15_000 });
    const login = await call(program.url, '/api/user/login', {
      method: 'POST',
      json: { username: 'admin', password: PASSWORD },
    });
    authorization = `Bearer ${String(login.body['token'])}`;
    expect(await upload('tone.flac', await fixture('tone.flac'))).toBe(201);
    const queue = { files: ['tone.mp3'], play_mode: 'loop' };
    const { response } = await ask('/api/streams/night/queue', { method: 'POST', json: queue });
    expect(response.resume().statusCode).toBe(200);
  });

  afterAll(async () => {
    proxy.kill('SIGTERM');
    if (proxy.exitCode === null) await once(proxy, 'exit');
    await program.stop();
    await data.remove();
  });

  it('sends plain requests to https', async () => {
    const answer = await fetch(`http://127.0.0.1:${httpPort}/docs?x=1`, {
      headers: { host: 'radio.example' },
      redirect: 'manual',
    });
    expect(answer.status).toBe(301);
    expect(answer.headers.get('location')).toMatch(/^https:\/\/.*\/docs\?x=1$/);
  });

  it('lets large uploads through, which nginx by itself would not', async () => {
    const noise = madeWav(4_000_000);
    expect(await upload('long.wav', noise)).toBe(201);
  });

  it('says by which address it was asked: cookies are secure, and links lead back', async () => {
    const credentials = { username: 'admin', password: PASSWORD };
    const login = await ask('/api/user/login', { method: 'POST', json: credentials });
    expect(String(login.response.resume().headers['set-cookie'])).toContain('Secure');
    const link = await ask('/api/streams/night/links', {
      method: 'POST',
      json: {},
      headers: {
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'http',
        forwarded: 'host=evil.example',
      },
    });
    expect((await link.json())['url']).toMatch(/^https:\/\/radio\.example\/api\/streams\/night\//);
  });

  it('passes ranges on, byte by byte', async () => {
    const whole = await (await ask('/api/audio/tone.mp3')).bytes();
    const { response, bytes } = await ask('/api/audio/tone.mp3', { headers: { range: 'bytes=100-299' } });
    expect(response.statusCode).toBe(206);
    expect(response.headers['content-range']).toBe(`bytes 100-299/${whole.length}`);
    expect(response.headers['etag']).toMatch(/^"/);
    expect(await bytes()).toEqual(whole.subarray(100, 300));
    const again = await ask('/api/audio/tone.mp3', {
      headers: { 'if-none-match': String(response.headers['etag']) },
    });
    expect(again.response.resume().statusCode).toBe(304);
  });

  it('lets an endless stream through as it comes, and ends it when the listener goes', async () => {
    const { response } = await ask('/api/streams/night/stream.mp3');
    expect(response.statusCode).toBe(200);
    let received = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      received += chunk.length;
      // Past the burst of ten seconds, into what comes at playing speed: nobody waits for a buffer to be full.
      if (received > (10 + 1) * BYTES_A_SECOND) break;
    }
    response.destroy();
    const open = async () =>
      /^earshot_http_open_requests (\d+)$/m.exec(await (await fetch(`${program.url}/metrics`)).text())?.[1];
    // The one that asks.
    await expect.poll(open).toBe('1');
  });

  it('opens WebSockets', async () => {
    const ticket = String(
      (await (await ask('/api/ws/ticket', { method: 'POST', json: {} })).json())['ticket'],
    );
    const socket = new WebSocket(`wss://127.0.0.1:${port}/api/ws?ticket=${ticket}`, {
      rejectUnauthorized: false,
      headers: { host: 'radio.example' },
    });
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'ping' }));
    const [message] = (await once(socket, 'message')) as [Buffer];
    expect(JSON.parse(message.toString())).toMatchObject({ type: 'pong' });
    socket.close();
    await once(socket, 'close');
  });

  it('tells who asks, whatever they say: wrong passwords count together', async () => {
    const statuses: (number | undefined)[] = [];
    for (let attempt = 1; attempt <= 30 && statuses.at(-1) !== 429; attempt += 1) {
      const { response } = await ask('/api/user/login', {
        method: 'POST',
        json: { username: `nobody-${attempt}`, password: 'wrong password' },
        headers: { 'x-forwarded-for': `203.0.113.${attempt}` },
      });
      statuses.push(response.resume().statusCode);
    }
    expect(statuses[0]).toBe(401);
    expect(statuses.at(-1)).toBe(429);
  });

  it('keeps tokens out of its log', async () => {
    (await ask('/api/audio/tone.mp3?token=very-secret')).response.resume();
    const log = () => readFileSync(join(directory, 'earshot.log'), 'utf8');
    await expect.poll(log).toContain('"GET /api/audio/tone.mp3"');
    expect(log()).not.toMatch(/token|secret|\?/);
  });
});

/** A tone as a WAV of about so many bytes. */
function madeWav(bytes: number): Uint8Array<ArrayBuffer> {
  const seconds = Math.round(bytes / (44_100 * 4));
  return new Uint8Array(makeToneWav({ seconds, channels: 2, frequencyHz: 330 }));
}
