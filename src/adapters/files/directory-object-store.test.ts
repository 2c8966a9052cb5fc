import { execFile } from 'node:child_process';
import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readdir,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../domain/object-store.ts';
import { openDirectoryObjectStore } from './directory-object-store.ts';

const body = [new TextEncoder().encode('audio')];

describe('directory object store', () => {
  let root: string;
  let tempDir: string;
  let store: ObjectStore;

  beforeEach(async () => {
    const home = await mkdtemp(join(tmpdir(), 'earshot-'));
    root = join(home, 'audio_files');
    tempDir = join(home, 'tmp');
    await mkdir(tempDir);
    store = await openDirectoryObjectStore({ root, tempDir });
  });

  afterEach(async () => {
    await rm(join(root, '..'), { recursive: true, force: true });
  });

  it('makes playable parts read-only, also those that it takes over, copies and replaces', async () => {
    await store.write('playable/a.mp3', body);
    const path = join(tempDir, 'playable.mp3');
    await writeFile(path, 'audio', { mode: 0o600 });
    await store.takeFile('playable/b.mp3', path);
    await store.write('uploads/x', body);
    await store.copy('uploads/x', 'playable/c.mp3');
    await store.write('playable/a.mp3', body);
    for (const name of ['a', 'b', 'c']) {
      expect((await stat(join(root, `playable/${name}.mp3`))).mode & 0o777).toBe(0o444);
    }
    expect((await stat(join(root, 'uploads/x'))).mode & 0o200).toBe(0o200);
    await store.delete('playable/a.mp3');
    expect(await store.find('playable/a.mp3')).toBeNull();
  });

  it('copies without moving the bytes, but never shares the file of a playable part', async () => {
    await store.write('uploads/x', body);
    await store.copy('uploads/x', 'originals/x.wav');
    await store.copy('uploads/x', 'originals/x.wav');
    await store.write('playable/x.mp3', body);
    await store.copy('playable/x.mp3', 'originals/x.mp3');
    const inode = async (key: string) => (await stat(join(root, key))).ino;
    expect(await inode('originals/x.wav')).toBe(await inode('uploads/x'));
    expect(await inode('originals/x.mp3')).not.toBe(await inode('playable/x.mp3'));
    expect(await readdir(tempDir)).toEqual([]);
  });

  it('leaves nothing in the temporary directory, whatever happens', async () => {
    const failing = async function* () {
      yield* body;
      throw Object.assign(new Error('the sender has gone'), { code: 'ECONNRESET' });
    };
    await expect(store.write('a', failing())).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(store.copy('none', 'b')).rejects.toMatchObject({ code: 'not_found' });
    await writeFile(join(root, 'file'), '');
    await expect(store.write('file/a', body)).rejects.toMatchObject({ code: 'storage_unavailable' });
    await store.write('c', body);
    await store.withLocalFile('c', async () => undefined);
    expect(await readdir(tempDir)).toEqual([]);
  });

  it('notices an object that has become shorter', async () => {
    await store.write('a', body);
    const reading = store.read('a', { start: 0, endExclusive: 5 });
    await truncate(join(root, 'a'), 3);
    const short = { code: 'storage_unavailable' };
    await expect(store.readRange('a', { start: 1, endExclusive: 5 })).rejects.toMatchObject(short);
    await expect(Array.fromAsync(reading)).rejects.toMatchObject(short);
  });

  it('sees no links and no files that are not objects', async () => {
    await symlink('/etc/hostname', join(root, 'linked'));
    await writeFile(join(root, 'Größe 1.mp3'), 'x');
    await mkdir(join(root, '.tmp'));
    await writeFile(join(root, '.tmp', 'x'), 'x');
    await store.write('originals/a.wav', body);
    expect((await store.list('', { limit: 10 })).items.map(({ key }) => key)).toEqual(['originals/a.wav']);
    expect(await store.find('linked')).toBeNull();
    await expect(store.readRange('linked', { start: 0, endExclusive: 1 })).rejects.toMatchObject({
      code: 'storage_unavailable',
    });
  });

  it('takes over a file that nobody may write', async () => {
    const path = join(tempDir, 'dropped');
    await writeFile(path, 'audio');
    await chmod(path, 0o444);
    await link(path, join(tempDir, 'second'));
    expect(await store.takeFile('uploads/x', path)).toMatchObject({ sizeBytes: 5 });
    await expect(store.takeFile('uploads/y', path)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('keeps a temporary directory of its own when it is given none, and sweeps it', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      '-p',
      "require('os').hostname().replace(/[^A-Za-z0-9_.]/g, '_') + '-' + process.pid",
    ]);
    const left = join(root, '.tmp', `work-${stdout.trim()}-0123456789abcdef`);
    await mkdir(left, { recursive: true });
    await writeFile(join(left, 'object-1'), 'half');
    const own = await openDirectoryObjectStore({ root });
    await own.write('a', body);
    const [only, ...others] = await readdir(join(root, '.tmp'));
    expect(others).toEqual([]);
    expect(await readdir(join(root, '.tmp', only ?? ''))).toEqual([]);
    expect((await own.list('', { limit: 10 })).items).toHaveLength(1);
  });
});
