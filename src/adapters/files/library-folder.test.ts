import {
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../../test/silent-log.ts';
import type { LibraryFolder } from '../../domain/library-folder.ts';
import type { ObjectStore } from '../../domain/object-store.ts';
import { openDirectoryObjectStore } from './directory-object-store.ts';
import { openLibraryFolder } from './library-folder.ts';

describe('library folder', () => {
  let root: string;
  let nowMs: number;
  let objects: ObjectStore;
  let folder: LibraryFolder;

  const open = () => openLibraryFolder({ root, clock: () => nowMs, log: silentLog });
  const drop = (name: string, content: string) => writeFile(join(root, name), content);
  const read = (name: string) => readFile(join(root, name), 'utf8');
  const store = (key: string, content: string) => objects.write(key, [new TextEncoder().encode(content)]);
  const listAfter = async (ms: number) => {
    nowMs += ms;
    return (await folder.listDropped()).map(({ name }) => name).sort();
  };

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'earshot-'));
    nowMs = 1_000_000;
    objects = await openDirectoryObjectStore({ root });
    folder = await open();
    await store('playable/one.mp3', 'one');
    await store('playable/two.mp3', 'two');
  });

  afterEach(async () => {
    await rm(root, { recursive: true, force: true });
  });

  describe('publish and withdraw', () => {
    it('shows an object under a name, without a second copy', async () => {
      expect(await folder.publish('default', 'Größe 1.mp3', 'playable/one.mp3')).toBe(true);
      expect(await folder.publish('default', 'Größe 1.mp3', 'playable/one.mp3')).toBe(true);
      const link = await lstat(join(root, 'Größe 1.mp3'));
      expect(link.ino).toBe((await lstat(join(root, 'playable/one.mp3'))).ino);
      expect(link.mode & 0o222).toBe(0);
      expect(await folder.publish('neighbours', 'one.mp3', 'playable/one.mp3')).toBe(true);
      expect(await read('tenants/neighbours/one.mp3')).toBe('one');
      await folder.withdraw('default', 'Größe 1.mp3');
      await folder.withdraw('default', 'Größe 1.mp3');
      await folder.withdraw('neighbours', 'one.mp3');
      expect((await readdir(root)).sort()).toEqual(['.tmp', 'playable', 'tenants']);
      expect(await read('playable/one.mp3')).toBe('one');
    });

    it('switches a name to another object, also one that an earlier process published', async () => {
      await folder.publish('default', 'story.mp3', 'playable/one.mp3');
      await folder.publish('default', 'story.mp3', 'playable/two.mp3');
      expect(await read('story.mp3')).toBe('two');
      folder = await open();
      await folder.publish('default', 'story.mp3', 'playable/one.mp3');
      expect(await read('story.mp3')).toBe('one');
      expect(await read('playable/two.mp3')).toBe('two');
      folder = await open();
      await folder.withdraw('default', 'story.mp3');
      expect(await readdir(root)).not.toContain('story.mp3');
    });

    it('leaves alone what is not ours', async () => {
      await drop('story.mp3', 'mine');
      await drop('kept', 'linked');
      await link(join(root, 'kept'), join(root, 'linked.mp3'));
      await mkdir(join(root, 'folder.mp3'));
      await symlink(join(root, 'playable/one.mp3'), join(root, 'symbolic.mp3'));
      for (const name of ['story.mp3', 'linked.mp3', 'folder.mp3', 'symbolic.mp3']) {
        expect(await folder.publish('default', name, 'playable/one.mp3')).toBe(false);
        await folder.withdraw('default', name);
      }
      expect(await read('story.mp3')).toBe('mine');
      expect(await read('linked.mp3')).toBe('linked');
      expect((await lstat(join(root, 'symbolic.mp3'))).isSymbolicLink()).toBe(true);
    });

    it('refuses what is no name, no key or no object', async () => {
      const publish = (tenantId: string, name: string, key: string) => folder.publish(tenantId, name, key);
      await expect(publish('default', '../x.mp3', 'playable/one.mp3')).rejects.toMatchObject({
        code: 'invalid_input',
      });
      await expect(publish('..', 'x.mp3', 'playable/one.mp3')).rejects.toMatchObject({
        code: 'invalid_input',
      });
      await expect(publish('default', 'x.mp3', '../../etc/passwd')).rejects.toMatchObject({
        code: 'invalid_input',
      });
      await expect(publish('default', 'x.mp3', 'playable/none.mp3')).rejects.toMatchObject({
        code: 'not_found',
      });
      await expect(folder.withdraw('default', 'a/b.mp3')).rejects.toMatchObject({ code: 'invalid_input' });
    });

    it('comes to one end when many publish and withdraw at once', async () => {
      const work = Array.from({ length: 20 }, (_, number) =>
        folder.publish('default', 'story.mp3', number % 2 === 0 ? 'playable/one.mp3' : 'playable/two.mp3'),
      );
      expect(await Promise.all(work)).not.toContain(false);
      expect(['one', 'two']).toContain(await read('story.mp3'));
      expect((await readdir(root)).filter((name) => name.endsWith('.link'))).toEqual([]);
    });
  });

  describe('dropped files', () => {
    it('lists what was put there once it has been stable for five seconds', async () => {
      expect(await listAfter(0)).toEqual([]);
      await drop('story.wav', 'au');
      expect(await listAfter(2000)).toEqual([]);
      expect(await listAfter(4000)).toEqual([]);
      await drop('story.wav', 'audio');
      expect(await listAfter(1000)).toEqual([]);
      expect(await listAfter(4999)).toEqual([]);
      expect(await listAfter(1)).toEqual(['story.wav']);
      const [file] = await folder.listDropped();
      expect(file).toMatchObject({ path: join(root, 'story.wav'), sizeBytes: 5 });
    });

    it('takes nothing that is ours, hidden, a link or a directory for a dropped file', async () => {
      await folder.publish('default', 'one.mp3', 'playable/one.mp3');
      await drop('.hidden.mp3', 'x');
      await symlink('/etc/hostname', join(root, 'symbolic.mp3'));
      await mkdir(join(root, 'album'));
      await writeFile(join(root, 'album', 'x.mp3'), 'x');
      // As an earlier process left it, and renamed by hand since.
      await link(join(root, 'playable/two.mp3'), join(root, 'renamed.mp3'));
      expect(await listAfter(0)).toEqual([]);
      expect(await listAfter(10_000)).toEqual([]);
      folder = await open();
      expect(await listAfter(0)).toEqual([]);
      expect(await listAfter(10_000)).toEqual([]);
    });

    it('lists a hard link that somebody made of a file of his own', async () => {
      await writeFile(join(root, '.archive'), 'audio');
      await link(join(root, '.archive'), join(root, 'mine.mp3'));
      await listAfter(0);
      expect(await listAfter(5000)).toEqual(['mine.mp3']);
    });

    it('notices a file of ours that a program has replaced under the same name', async () => {
      await folder.publish('default', 'one.mp3', 'playable/one.mp3');
      await listAfter(0);
      await drop('.edited', 'one, with other tags');
      await rename(join(root, '.edited'), join(root, 'one.mp3'));
      await listAfter(10_000);
      expect(await listAfter(5000)).toEqual(['one.mp3']);
      expect(await folder.publish('default', 'one.mp3', 'playable/one.mp3')).toBe(false);
    });

    it('leaves out an ignored file until it is changed', async () => {
      await drop('notes.txt', 'hello');
      await listAfter(0);
      nowMs += 5000;
      const [file] = await folder.listDropped();
      if (file !== undefined) folder.ignoreDropped(file);
      expect(await listAfter(5000)).toEqual([]);
      await drop('notes.txt', 'hello again');
      expect(await listAfter(5000)).toEqual([]);
      expect(await listAfter(5000)).toEqual(['notes.txt']);
    });

    it('removes only the file that was listed', async () => {
      await drop('story.wav', 'audio');
      await listAfter(0);
      nowMs += 5000;
      const [file] = await folder.listDropped();
      if (file === undefined) throw new Error('nothing was listed');
      await drop('story.wav', 'other audio');
      expect(await folder.removeDropped(file)).toBe(false);
      expect(await read('story.wav')).toBe('other audio');
      await listAfter(0);
      nowMs += 5000;
      const [changed] = await folder.listDropped();
      if (changed === undefined) throw new Error('nothing was listed');
      expect(await folder.removeDropped(changed)).toBe(true);
      expect(await folder.removeDropped(changed)).toBe(false);
      expect(await listAfter(5000)).toEqual([]);
    });

    it('comes to every one of many files', async () => {
      const names = Array.from({ length: 600 }, (_, number) => `${1000 + number}.mp3`);
      await Promise.all(names.map((name) => drop(name, name)));
      const listed = new Set<string>();
      for (let pass = 0; pass < 8; pass += 1) for (const name of await listAfter(5000)) listed.add(name);
      expect([...listed].sort()).toEqual(names);
    });
  });
});
