import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { AppError } from '../domain/app-error.ts';
import { BYTES, CHUNK, get, LENGTH, read, SOURCE, useBytesApp } from '../../test/bytes-app.ts';

const OF_THE_CONNECTION: ReadonlySet<string> = new Set(['connection', 'date', 'keep-alive']);

describe('bytes of known length, over a socket', () => {
  const sent = useBytesApp();

  const ask = (headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`http://127.0.0.1:${sent.port}/`, { method, headers });

  it('are all sent, with what players need to know', async () => {
    const answer = await ask();
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'accept-ranges': 'bytes',
      'content-length': String(LENGTH),
      'content-type': 'audio/mpeg',
      'cache-control': 'private, no-cache',
      etag: '"v1"',
      'last-modified': 'Sat, 21 Nov 2026 08:00:00 GMT',
      'x-stream-name': 's',
    });
    expect(answer.headers.has('content-range')).toBe(false);
    expect(Buffer.compare(new Uint8Array(await answer.arrayBuffer()), BYTES)).toBe(0);
  });

  it('have the same headers for HEAD, which knows no ranges', async () => {
    const [get, head] = await Promise.all([ask(), ask({ range: 'bytes=0-1' }, 'HEAD')]);
    expect(head.status).toBe(200);
    const told = (answer: Response) => [...answer.headers].filter(([name]) => !OF_THE_CONNECTION.has(name));
    expect(told(head)).toEqual(told(get));
    expect(await head.text()).toBe('');
    await get.arrayBuffer();
  });

  it.each([
    ['bytes=0-1', 0, 2],
    ['bytes=10-', 10, LENGTH],
    ['bytes=-5', LENGTH - 5, LENGTH],
    ['bytes=99990-200000', 99_990, LENGTH],
    ['bytes=8000-8999', 8000, 9000],
    ['bytes=0-', 0, LENGTH],
    [`bytes=-${LENGTH * 2}`, 0, LENGTH],
  ])('are sent as far as %s says', async (range, start, endExclusive) => {
    const answer = await ask({ range });
    expect(answer.status).toBe(206);
    expect(answer.headers.get('content-range')).toBe(`bytes ${start}-${endExclusive - 1}/${LENGTH}`);
    expect(answer.headers.get('content-length')).toBe(String(endExclusive - start));
    const body = new Uint8Array(await answer.arrayBuffer());
    expect(Buffer.compare(body, BYTES.subarray(start, endExclusive))).toBe(0);
  });

  it.each([['bytes=5-1'], ['lines=0-1'], ['bytes=0-1,5-6'], ['bytes=a-b'], ['bytes']])(
    'are all sent for %s',
    async (range) => {
      const answer = await ask({ range });
      expect(answer.status).toBe(200);
      expect((await answer.arrayBuffer()).byteLength).toBe(LENGTH);
    },
  );

  it.each([[`bytes=${LENGTH}-`], ['bytes=-0']])('have no range %s', async (range) => {
    const answer = await ask({ range });
    expect(answer.status).toBe(416);
    expect(answer.headers.get('content-range')).toBe(`bytes */${LENGTH}`);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(await answer.json()).toMatchObject({ code: 'range_not_satisfiable', status: 416 });
  });

  it('are 304 with their validators when the client has them', async () => {
    const answer = await ask({ 'if-none-match': '"v1"', range: 'bytes=0-1' });
    expect(answer.status).toBe(304);
    expect(answer.headers.get('etag')).toBe('"v1"');
    expect(answer.headers.get('cache-control')).toBe('private, no-cache');
    expect(answer.headers.get('last-modified')).not.toBeNull();
  });

  it('are 412 when the client means others, and whole when its range is of others', async () => {
    const failed = await ask({ 'if-match': '"v0"' });
    expect(failed.status).toBe(412);
    expect(await failed.json()).toMatchObject({ code: 'precondition_failed' });
    const whole = await ask({ range: 'bytes=0-1', 'if-range': '"v0"' });
    expect(whole.status).toBe(200);
    await whole.arrayBuffer();
    expect((await ask({ range: 'bytes=0-1', 'if-range': '"v1"' })).status).toBe(206);
  });

  it('are a problem, not a broken body, when they cannot be read', async () => {
    sent.source = {
      ...SOURCE,
      open: () => ({
        [Symbol.asyncIterator]: () => ({
          next: () => Promise.reject(new AppError('missing_part', 'It has gone.')),
        }),
      }),
    };
    const answer = await ask();
    expect(answer.status).toBe(409);
    expect(answer.headers.get('etag')).toBeNull();
    expect(await answer.json()).toMatchObject({ code: 'missing_part' });
  });

  it.each([
    [
      'fail midway',
      async function* (): AsyncGenerator<Uint8Array> {
        yield BYTES.subarray(0, CHUNK);
        throw new Error('The disk has gone.');
      },
    ],
    [
      'end early',
      async function* (): AsyncGenerator<Uint8Array> {
        yield BYTES.subarray(0, CHUNK);
      },
    ],
    [
      'do not end',
      async function* (): AsyncGenerator<Uint8Array> {
        yield BYTES.subarray(0, LENGTH - 1);
        yield BYTES.subarray(0, 2);
      },
    ],
  ])('are cut off, and nothing is put in their place, when they %s', async (_what, open) => {
    sent.source = { ...SOURCE, open };
    const answer = await get(sent.port);
    const received: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => received.push(chunk));
    await expect(once(answer, 'end')).rejects.toThrow(/aborted/);
    const body = Buffer.concat(received);
    expect(body.length).toBeLessThan(LENGTH);
    expect(Buffer.compare(body, BYTES.subarray(0, body.length))).toBe(0);
  });

  it.each([
    ['all of them', LENGTH, 8192],
    ['half of them', LENGTH / 2, 8192],
    ['more than fit into one turn', LENGTH, 100],
  ])(
    'are taken from memory, and read from where that ends, when %s are there',
    async (_what, heldUntil, chunk) => {
      const opened: number[] = [];
      const back: Uint8Array[] = [];
      sent.source = {
        ...SOURCE,
        open: (range) => {
          opened.push(range.start);
          return read(range);
        },
        findHeld: ({ start, endExclusive }, enough) => {
          const end = Math.min(endExclusive, heldUntil, start + Math.min(enough, chunk * 8));
          const chunks = Array.from(
            { length: Math.max(0, Math.ceil((end - start) / chunk)) },
            (_, at) => start + at * chunk,
          );
          return chunks.map((at) => BYTES.subarray(at, Math.min(at + chunk, end)));
        },
        giveBack: (sent) => void back.push(sent),
      };
      for (const [start, endExclusive] of [
        [0, LENGTH],
        [10, LENGTH],
        [40_000, 45_000],
      ] as const) {
        const answer = await ask({ range: `bytes=${start}-${endExclusive - 1}` });
        const body = new Uint8Array(await answer.arrayBuffer());
        expect(Buffer.compare(body, BYTES.subarray(start, endExclusive))).toBe(0);
      }
      expect(opened).toEqual(heldUntil === LENGTH ? [] : [heldUntil, heldUntil]);
      const sentBytes = LENGTH + LENGTH - 10 + 5000;
      await expect.poll(() => back.reduce((sum, { length }) => sum + length, 0)).toBe(sentBytes);
    },
  );
});
