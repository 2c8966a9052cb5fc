import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { WebSocket } from 'ws';
import { listen, type LiveSocket, type Message } from '../live-app.ts';
import { makeToneWav } from '../made-audio.ts';
import { call } from './client.ts';
import type { LiveFunctionHome } from './live-function-home.ts';

export type Headers = Readonly<Record<string, string>>;

/** What a program of somebody's own does at the AWS home: over HTTP, by WebSocket, and straight into the bucket. */
export interface LiveFunctionClient {
  readonly logIn: (username: string, password: string) => Promise<Headers>;
  /** By a ticket, at the address that comes with it. */
  readonly connect: (headers: Headers) => Promise<LiveSocket>;
  /** Puts a tone into the bucket, past every function. @returns the id of the upload */
  readonly putUpload: (headers: Headers, filename: string, seconds: number) => Promise<string>;
  /** @returns the id of the request */
  readonly orderIngest: (socket: LiveSocket, uploadId: string) => Promise<string>;
  /** All that comes of a request until it ends. */
  readonly heardOf: (socket: LiveSocket, requestId: string) => Promise<Message[]>;
  readonly find: (headers: Headers, requestId: string) => Promise<Readonly<Record<string, unknown>>>;
}

/** @param getLive the home may be opened later */
export function createLiveFunctionClient(getLive: () => LiveFunctionHome): LiveFunctionClient {
  const url = () => getLive().home.url;
  return {
    async logIn(username, password) {
      const json = { username, password };
      const { status, body } = await call(url(), '/api/user/login', { method: 'POST', json });
      expect(status).toBe(200);
      return { authorization: `Bearer ${String(body['token'])}` };
    },

    async connect(headers) {
      const { status, body } = await call(url(), '/api/ws/ticket', { method: 'POST', headers });
      expect([status, body['url']]).toEqual([200, getLive().gateway.url]);
      const socket = new WebSocket(
        `${String(body['url'])}?ticket=${encodeURIComponent(String(body['ticket']))}`,
      );
      const heard = listen(socket);
      await once(socket, 'open');
      return heard;
    },

    async putUpload(headers, filename, seconds) {
      const frequencyHz = 200 + (randomBytes(2).readUInt16BE() % 4000);
      const wav = new Uint8Array(makeToneWav({ seconds, amplitude: 0.1, frequencyHz, sampleRateHz: 8000 }));
      // That took its time: connections that have been closed meanwhile are not to be used again.
      await sleep(50);
      const json = { filename, size: wav.length };
      const begun = await call(url(), '/api/audio/uploads', { method: 'POST', headers, json });
      expect(begun.status).toBe(201);
      let at = 0;
      for (const part of begun.body['parts'] as { url: string; size: number }[]) {
        const answer = await fetch(part.url, { method: 'PUT', body: wav.slice(at, at + part.size) });
        await answer.arrayBuffer();
        expect(answer.status).toBe(200);
        at += part.size;
      }
      return String(begun.body['upload_id']);
    },

    async orderIngest(socket, uploadId) {
      socket.send({ type: 'request', id: uploadId, action: 'ingest', payload: { upload_id: uploadId } });
      const answer = await socket.next('acknowledgment');
      expect(answer).toMatchObject({ id: uploadId, status: 'queued' });
      return String(answer['request_id']);
    },

    async heardOf(socket, requestId) {
      const heard: Message[] = [];
      for (;;) {
        const message = await socket.next();
        if (message['request_id'] !== requestId) continue;
        heard.push(message);
        if (message.type !== 'progress') return heard;
      }
    },

    find: async (headers, requestId) => (await call(url(), `/api/requests/${requestId}`, { headers })).body,
  };
}
