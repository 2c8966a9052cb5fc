import { describe, expect, it } from 'vitest';
import { WebSocketServer, WebSocket } from 'ws';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toTextFrame } from './text-frame.ts';

describe('a text frame', () => {
  // RFC 6455, 5.7
  it('is that of the example', () => {
    expect([...toTextFrame('Hello')]).toEqual([0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]);
  });

  it('is understood by a client, whatever its length', async () => {
    const http = createServer();
    const server = new WebSocketServer({ noServer: true });
    const lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 200_000];
    http.on('upgrade', (request, stream, head) => {
      server.handleUpgrade(request, stream, head, () => {
        for (const length of lengths) stream.write(toTextFrame('é'.repeat(length)));
      });
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    const client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
    const heard: string[] = [];
    client.on('message', (data: Buffer, isBinary) => {
      heard.push(`${isBinary ? 'binary ' : ''}${data.toString()}`);
    });
    await expect.poll(() => heard.length).toBe(lengths.length);
    expect(heard).toEqual(lengths.map((length) => 'é'.repeat(length)));
    client.terminate();
    server.close();
    http.close();
  });
});
