import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { receiveUpload } from './receive-upload.ts';
import type { Policy } from './ports.ts';

const body = async function* (chunks = 4) {
  for (let at = 0; at < chunks; at += 1) yield new Uint8Array(64 * 1024);
};

describe('receiveUpload', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'earshot-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  const receive = (source: AsyncIterable<Uint8Array>, tempDir = dir) =>
    receiveUpload({ policy: { tempDir, maxUploadBytes: 1_000_000 } as Policy, newId: () => 'id' }, source);

  it('leaves nothing of what is too large', async () => {
    await expect(receive(body(100))).rejects.toMatchObject({ code: 'too_large' });
    expect(await readdir(dir)).toEqual([]);
  });

  it('says that the storage is away when there is no directory to write in', async () => {
    await expect(receive(body(), join(dir, 'nowhere'))).rejects.toMatchObject({
      code: 'storage_unavailable',
    });
  });

  it('passes on what goes wrong with the sender as it is', async () => {
    const reset = Object.assign(new Error('reset'), { code: 'ECONNRESET', syscall: 'read' });
    const broken = async function* () {
      yield new Uint8Array(10);
      throw reset;
    };
    await expect(receive(broken())).rejects.toBe(reset);
    expect(await readdir(dir)).toEqual([]);
  });

  // A directory whose files are all /dev/full cannot be made; that the name is taken by a link to it can.
  it.runIf(existsSync('/dev/full'))('does not write through a link that lies in its way', async () => {
    await symlink('/dev/full', join(dir, 'upload-id'));
    await expect(receive(body())).rejects.toMatchObject({ code: 'storage_unavailable' });
  });
});
