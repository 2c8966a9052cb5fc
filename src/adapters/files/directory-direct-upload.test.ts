import { mkdtemp, readdir, rm, symlink, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DirectUploads } from '../../domain/direct-upload.ts';
import type { ObjectStore } from '../../domain/object-store.ts';
import { openDirectoryDirectUploads } from './directory-direct-upload.ts';
import { openDirectoryObjectStore } from './directory-object-store.ts';

let root: string;
let objects: ObjectStore;
let uploads: DirectUploads;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'earshot-'));
  objects = await openDirectoryObjectStore({ root });
  uploads = openDirectoryDirectUploads({ root, objects });
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function begin(sizeBytes: number) {
  const { uploadId } = await uploads.begin('uploads/x', { sizeBytes, expiresInS: 60 });
  return { key: 'uploads/x', uploadId, sizeBytes };
}

async function* text(...chunks: string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

const partNames = (uploadId: string) => readdir(join(root, '.direct-uploads', uploadId));

/** A body that waits until it is told what comes. */
function slowBody() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const begun = Promise.withResolvers<void>();
  const body = async function* () {
    begun.resolve();
    yield Buffer.from(await promise);
  };
  return { body: body(), begun: begun.promise, send: resolve, fail: reject };
}

it('leaves nothing of a part that breaks off, nor of one that is refused', async () => {
  const upload = await begin(5);
  const broken = slowBody();
  const writing = uploads.writePart(upload, 1, broken.body);
  const reset = Object.assign(new Error('gone'), { code: 'ECONNRESET' });
  await broken.begun;
  broken.fail(reset);
  // The sender's own error, though it looks like one of the disk.
  await expect(writing).rejects.toBe(reset);
  await expect(uploads.writePart(upload, 1, text('12', '3456'))).rejects.toMatchObject({
    code: 'invalid_input',
  });
  expect(await partNames(upload.uploadId)).toEqual([]);
});

it('lets a part be sent again while a dead connection still seems to send it, but not by everybody', async () => {
  const upload = await begin(5);
  const dead = slowBody();
  const writing = uploads.writePart(upload, 1, dead.body);
  await dead.begun;
  const second = slowBody();
  const again = uploads.writePart(upload, 1, second.body);
  await second.begun;
  await expect(uploads.writePart(upload, 1, text('33333'))).rejects.toMatchObject({ code: 'conflict' });
  second.send('22222');
  await again;
  await uploads.complete(upload);
  // What comes late changes nothing of what has been completed.
  dead.send('11111');
  await expect(writing).rejects.toMatchObject({ code: 'not_found' });
  expect(Buffer.concat(await Array.fromAsync(objects.read('uploads/x'))).toString()).toBe('22222');
});

it('is no part of the library: neither an object nor a dropped file', async () => {
  const upload = await begin(5);
  await uploads.writePart(upload, 1, text('12345'));
  expect((await objects.list('', { limit: 10 })).items).toEqual([]);
  expect((await readdir(root)).filter((name) => !name.startsWith('.'))).toEqual([]);
});

it('touches nothing outside, whatever lies in its directory', async () => {
  await begin(5);
  const outside = await mkdtemp(join(tmpdir(), 'earshot-'));
  await writeFile(join(outside, 'precious'), 'x');
  await mkdir(join(root, '.direct-uploads', 'odd'));
  await symlink(outside, join(root, '.direct-uploads', 'link'));
  expect(await uploads.sweep(Date.now() + 60_000)).toBe(3);
  expect(await readdir(outside)).toEqual(['precious']);
  await rm(outside, { recursive: true });
});
