import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LAMBDA_LIMITS, startFunctionUrl, type FunctionUrl } from './function-url.ts';
import { createLambdaFunction, type LambdaFunction } from './lambda-function.ts';

const HANDLER = `
import { writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
let ticks = 0;
setInterval(() => { ticks += 1; }, 5).unref();
const started = process.pid;
export const handler = awslambda.streamifyResponse(async (event, stream, context) => {
  const ask = event.queryStringParameters ?? {};
  const from = (statusCode, headers = {}, cookies = []) =>
    awslambda.HttpResponseStream.from(stream, { statusCode, headers, cookies });
  if (ask.write) {
    const code = await writeFile(ask.write, 'x').then(() => 'written', (error) => error.code);
    from(200).end(code);
  } else if (ask.bytes) {
    const out = from(200, { 'content-length': ask.bytes });
    for (let left = Number(ask.bytes); left > 0; left -= 65536) {
      if (!out.write(Buffer.alloc(Math.min(65536, left)))) await new Promise((go) => out.once('drain', go));
    }
    out.end();
  } else if (ask.sleep) {
    await setTimeout(Number(ask.sleep));
    from(200).end('slept');
  } else if (ask.begin) {
    const out = from(200, { 'x-pid': String(started) });
    out.write('has begun, ');
    await setTimeout(Number(ask.begin));
    out.end('has ended');
  } else if (ask.fail) {
    throw new Error('on purpose');
  } else if (ask.ticks) {
    from(200).end(String(ticks));
  } else {
    const out = from(201, { 'content-type': 'application/json', 'x-pid': String(started) }, ['a=1', 'b=2']);
    out.end(JSON.stringify({ event, remaining: context.getRemainingTimeInMillis() }));
  }
});
`;

describe('a function URL on loopback', () => {
  let directory: string;
  let lambda: LambdaFunction;
  let url: FunctionUrl;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'earshot-function-'));
    await writeFile(join(directory, 'index.mjs'), HANDLER);
    lambda = createLambdaFunction({ name: 'echo', directory, environment: {}, timeoutMs: 3000 });
    const limits = { ...LAMBDA_LIMITS, maxAnswerBytes: 4 * 1024 * 1024 };
    url = await startFunctionUrl(() => lambda, limits);
  });

  afterAll(async () => {
    await url.stop();
    await lambda.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('makes an event of a request, and an answer of what is streamed', async () => {
    const response = await fetch(`${url.url}/a%2Fb?x=1&x=2`, {
      method: 'POST',
      headers: { cookie: 's=1; t=2', 'content-type': 'application/json' },
      body: '{"ü":1}',
    });
    expect(response.status).toBe(201);
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    const { event, remaining } = (await response.json()) as { event: unknown; remaining: number };
    expect(event).toMatchObject({
      version: '2.0',
      rawPath: '/a%2Fb',
      rawQueryString: 'x=1&x=2',
      queryStringParameters: { x: '1,2' },
      cookies: ['s=1', 't=2'],
      body: '{"ü":1}',
      isBase64Encoded: false,
      requestContext: { http: { method: 'POST', sourceIp: '127.0.0.1' } },
    });
    expect(remaining).toBeLessThanOrEqual(3000);
    const binary = await fetch(url.url, { method: 'POST', body: new Uint8Array([255, 0]) });
    expect(await binary.json()).toMatchObject({ event: { body: '/wA=', isBase64Encoded: true } });
  });

  it('uses a warm process again, and another one beside it', async () => {
    const own = createLambdaFunction({ name: 'warm', directory, environment: {}, timeoutMs: 3000 });
    const ownUrl = await startFunctionUrl(() => own);
    // The client has all of its answer a moment before the process is free for another.
    const pidOf = async () => {
      const before = own.invocations.length;
      const answer = await fetch(ownUrl.url);
      await expect.poll(() => own.invocations.length, { interval: 5 }).toBeGreaterThan(before);
      return answer.headers.get('x-pid');
    };
    try {
      const first = await pidOf();
      expect(await pidOf()).toBe(first);
      const slow = await fetch(`${ownUrl.url}/?begin=1000`);
      expect(slow.headers.get('x-pid')).toBe(first);
      const beside = await pidOf();
      expect(await slow.text()).toBe('has begun, has ended');
      expect(beside).not.toBe(first);
      await expect.poll(() => own.invocations.length).toBe(4);
      await own.forgetWarm();
      expect([first, beside]).not.toContain(await pidOf());
    } finally {
      await ownUrl.stop();
      await own.stop();
    }
  });

  it('lets nothing run between two invocations', async () => {
    const ticks = async () => Number(await (await fetch(`${url.url}/?ticks=1`)).text());
    const before = await ticks();
    await setTimeout(500);
    expect((await ticks()) - before).toBeLessThan(20);
  });

  it('writes nowhere but in its temporary directory', async () => {
    const write = async (path: string) =>
      (await fetch(`${url.url}/?write=${encodeURIComponent(path)}`)).text();
    expect(await write(join(directory, 'index.mjs'))).toBe('ERR_ACCESS_DENIED');
    expect(await write(join(tmpdir(), 'elsewhere'))).toBe('ERR_ACCESS_DENIED');
  });

  it('refuses what is larger than an event may be, base64 counted', async () => {
    const body = new Uint8Array(5 * 1024 * 1024);
    const response = await fetch(url.url, { method: 'POST', body });
    expect(response.status).toBe(413);
  });

  it('cuts an answer that is longer than one may be', async () => {
    const short = await fetch(`${url.url}/?bytes=4000000`);
    expect((await short.arrayBuffer()).byteLength).toBe(4_000_000);
    const long = await fetch(`${url.url}/?bytes=5000000`);
    await expect(long.arrayBuffer()).rejects.toThrow();
  });

  it('answers 502 for a handler that throws, and for one that takes too long, whose process ends', async () => {
    expect((await fetch(`${url.url}/?fail=1`)).status).toBe(502);
    expect(url.failures.at(-1)).toContain('on purpose');
    const pids = lambda.processes.length;
    expect((await fetch(`${url.url}/?sleep=10000`)).status).toBe(502);
    expect(lambda.processes.length).toBeLessThan(pids + 1);
  });

  it('does not stop the function for a client that goes away', async () => {
    const ran = lambda.invocations.length;
    await new Promise<void>((resolve) => {
      const request = get(`${url.url}/?sleep=500`).on('error', () => resolve());
      setTimeout(100).then(
        () => request.destroy(),
        () => undefined,
      );
    });
    await expect.poll(() => lambda.invocations.length).toBe(ran + 1);
    expect(lambda.invocations.at(-1)?.ranMs).toBeGreaterThan(400);
  });
});
