import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { AppError } from '../domain/app-error.ts';
import { BYTES, CHUNK, get, SOURCE, useBytesApp } from '../../test/bytes-app.ts';

describe('bytes of known length whose listener leaves, or takes nothing', () => {
  const sent = useBytesApp();

  it('are not read any further when the client has gone', async () => {
    const closed = Promise.withResolvers<void>();
    let taken = 0;
    let heard: AbortSignal | undefined;
    sent.source = {
      ...SOURCE,
      totalBytes: 1e12,
      async *open(_range, signal) {
        heard = signal;
        try {
          for (; ; taken += 1) yield new Uint8Array(65_536);
        } finally {
          closed.resolve();
        }
      },
    };
    const answer = await get(sent.port);
    answer.once('data', () => answer.destroy());
    answer.on('error', () => undefined);
    await closed.promise;
    expect(heard?.aborted).toBe(true);
    const before = taken;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(taken).toBe(before);
  });

  it('interrupt a read that is under way when the client goes', async () => {
    const interrupted = Promise.withResolvers<void>();
    sent.source = {
      ...SOURCE,
      async *open(_range, signal) {
        yield BYTES.subarray(0, CHUNK);
        await once(signal, 'abort');
        interrupted.resolve();
        throw new AppError('aborted', 'Nobody is listening any more.');
      },
    };
    const answer = await get(sent.port);
    answer.once('data', () => answer.destroy());
    answer.on('error', () => undefined);
    await interrupted.promise;
  });

  it('are read no faster than they are taken, and given up on when nothing is taken', async () => {
    sent.stallMs = 300;
    const closed = Promise.withResolvers<void>();
    let takenBytes = 0;
    sent.source = {
      ...SOURCE,
      totalBytes: 1e12,
      async *open() {
        try {
          for (;;) {
            takenBytes += 65_536;
            yield new Uint8Array(65_536);
          }
        } finally {
          closed.resolve();
        }
      },
    };
    const socket = connect(sent.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await closed.promise;
    // What the two ends of a connection buffer on their own.
    expect(takenBytes).toBeLessThan(32 * 1024 * 1024);
    socket.destroy();
  });
});
