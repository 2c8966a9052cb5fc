import { afterEach, beforeEach, expect } from 'vitest';
import { openLibraryApp, type LibraryApp } from './library-app.ts';
import type { TestUser } from './test-app.ts';

export interface Begun {
  readonly upload_id: string;
  readonly parts: readonly { readonly number: number; readonly url: string; readonly size: number }[];
  readonly expires_at: string;
}

type CallOptions = Parameters<LibraryApp['request']>[2];
type Answer = ReturnType<LibraryApp['request']>;

/** A library for each test, and Anna, who uploads into it part by part. */
export interface DirectUploadApp {
  readonly test: LibraryApp;
  readonly anna: TestUser;
  readonly call: (method: 'POST' | 'DELETE', url: string, options?: CallOptions) => Answer;
  readonly begin: (bytes: Buffer, body?: Record<string, unknown>) => Promise<Begun>;
  readonly put: (url: string, payload: Buffer | string, headers?: Record<string, string>) => Answer;
  readonly send: (begun: Begun, bytes: Buffer) => Promise<void>;
  /** Begun and sent. */
  readonly sent: (text: string, body?: Record<string, unknown>) => Promise<Begun>;
  readonly complete: (begun: Begun, options?: CallOptions) => Answer;
  readonly abort: (begun: Begun, options?: CallOptions) => Answer;
  readonly expectNothingLeft: (files: number) => Promise<void>;
  readonly nowMs: number;
  /** By the library's clock. */
  readonly wait: (ms: number) => void;
}

const MIB = 1024 * 1024;
export const PART_BYTES = 8 * MIB;
export const TWO_PARTS = Buffer.concat([Buffer.from('AUDIO'), Buffer.alloc(PART_BYTES, 'sound')]);

/** For one test file. */
export function useDirectUploads(): DirectUploadApp {
  let test: LibraryApp;
  let anna: TestUser;
  let nowMs: number;

  beforeEach(async () => {
    nowMs = Date.now();
    test = await openLibraryApp({ clock: () => nowMs, policy: { maxUploadBytes: 10 * MIB } });
    anna = await test.addUser('anna');
  });
  afterEach(() => test.close());

  const app: DirectUploadApp = {
    get test() {
      return test;
    },
    get anna() {
      return anna;
    },
    call: (method, url, options = {}) => test.request(method, url, { token: anna.token, ...options }),
    async begin(bytes, body = {}) {
      const answer = await app.call('POST', '/api/audio/uploads', {
        body: { filename: 'voice.caf', size: bytes.length, ...body },
      });
      expect(answer.statusCode).toBe(201);
      return answer.json<Begun>();
    },
    put: (url, payload, headers = {}) => test.app.inject({ method: 'PUT', url, payload, headers }),
    async send(begun, bytes) {
      for (const { number, url, size } of begun.parts.toReversed()) {
        const start = (number - 1) * PART_BYTES;
        expect((await app.put(url, bytes.subarray(start, start + size))).statusCode).toBe(204);
      }
    },
    async sent(text, body = {}) {
      const bytes = Buffer.from(text);
      const begun = await app.begin(bytes, body);
      await app.send(begun, bytes);
      return begun;
    },
    complete: (begun, options = {}) =>
      app.call('POST', `/api/audio/uploads/${begun.upload_id}/complete`, options),
    abort: (begun, options = {}) => app.call('DELETE', `/api/audio/uploads/${begun.upload_id}`, options),
    async expectNothingLeft(files) {
      const listUploads = async () => (await test.ports.objects.list('uploads/', { limit: 10 })).items;
      await expect.poll(listUploads).toEqual([]);
      expect(await test.ports.directUploads.sweep(Infinity)).toBe(0);
      const page = await test.ports.audioFiles.list('default', { limit: 10, sort: 'name' });
      expect(page.items).toHaveLength(files);
    },
    get nowMs() {
      return nowMs;
    },
    wait: (ms) => {
      nowMs += ms;
    },
  };
  return app;
}
