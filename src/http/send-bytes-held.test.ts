import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { SOURCE, useBytesApp } from '../../test/bytes-app.ts';
import type { SendableBytes } from './send-bytes.ts';

const MIB = 1024 * 1024;
const TOTAL_BYTES = 64 * MIB;
const MEMORY = new Uint8Array(2 * MIB);

describe('bytes that are in memory', () => {
  const sent = useBytesApp();

  /** All of it held; tells the most that was asked for at once, last of all. */
  function open(): { readonly source: SendableBytes; lastBytes: number } {
    const opened = {
      lastBytes: 0,
      source: {
        ...SOURCE,
        totalBytes: TOTAL_BYTES,
        findHeld: ({ start, endExclusive }: { start: number; endExclusive: number }, enoughBytes: number) => {
          opened.lastBytes = enoughBytes;
          return [MEMORY.subarray(0, Math.min(enoughBytes, endExclusive - start))];
        },
      },
    };
    return opened;
  }

  async function ask(): Promise<Socket> {
    const socket = connect(sent.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    return socket;
  }

  it('are written two MiB at a time, by few listeners at once', async () => {
    const all = Array.from({ length: 20 }, open);
    const sockets: Socket[] = [];
    for (const each of all) {
      sent.source = each.source;
      sockets.push(await ask());
      await expect.poll(() => each.lastBytes, { timeout: 5000 }).toBeGreaterThan(0);
    }
    // None takes anything: each waits with what the system did not take.
    await new Promise((resolve) => setTimeout(resolve, 200));
    const waiting = all.map(({ lastBytes }) => lastBytes / MIB);
    expect(waiting.filter((each) => each === 2)).toHaveLength(16);
    expect(waiting.filter((each) => each === 0.5)).toHaveLength(4);

    const closed = sockets.map((socket) => once(socket, 'close'));
    for (const socket of sockets) socket.destroy();
    await Promise.all(closed);
    const next = open();
    sent.source = next.source;
    const socket = await ask();
    const bytes = await takeAll(socket);
    expect(bytes).toBeGreaterThan(TOTAL_BYTES);
    expect(next.lastBytes).toBe(2 * MIB);
  });

  async function takeAll(socket: Socket): Promise<number> {
    let bytes = 0;
    for await (const chunk of socket) {
      bytes += (chunk as Uint8Array).length;
      if (bytes > TOTAL_BYTES) break;
    }
    return bytes;
  }
});
