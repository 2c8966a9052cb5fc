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
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    return socket;
  }

  /** Takes as much as shows that it is a client which does, and then nothing more. */
  async function stallAfterBeginning(socket: Socket): Promise<void> {
    let bytes = 0;
    await new Promise<void>((resolve) => {
      socket.on('data', (chunk) => {
        bytes += chunk.length;
        if (bytes < MIB) return;
        socket.pause();
        resolve();
      });
    });
  }

  it('are written two MiB at a time, by few listeners at once', async () => {
    const all = Array.from({ length: 20 }, open);
    const sockets: Socket[] = [];
    for (const each of all) {
      sent.source = each.source;
      const socket = await ask();
      sockets.push(socket);
      await stallAfterBeginning(socket);
    }
    // Each waits with what the system does not take.
    const waiting = (mib: number) => all.filter(({ lastBytes }) => lastBytes === mib * MIB).length;
    await expect.poll(() => [waiting(2), waiting(0.5)]).toEqual([16, 4]);

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
