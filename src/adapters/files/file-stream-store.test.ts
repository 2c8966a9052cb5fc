import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Log } from '../../domain/log.ts';
import type { StreamDefinition, StreamStore } from '../../domain/stream.ts';
import { openFileStreamStore } from './file-stream-store.ts';

const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const STREAM: StreamDefinition = {
  tenantId: 'default',
  name: 'bedtime',
  files: ['story.mp3'],
  playMode: 'shuffle',
  persistence: 'permanent',
};

describe('file stream store', () => {
  let dir: string;
  let store: StreamStore;
  let warnings: Readonly<Record<string, unknown>>[];
  const ignore = (): void => undefined;
  const log: Log = { debug: ignore, info: ignore, warn: (fields) => warnings.push(fields), error: ignore };
  const open = (path = dir) => openFileStreamStore({ dir: path, clock: () => NOW_MS, log });
  const write = (name: string, content: string) => writeFile(join(dir, name), content);

  beforeEach(async () => {
    warnings = [];
    dir = await mkdtemp(join(tmpdir(), 'earshot-'));
    store = await open();
  });

  afterEach(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  it('keeps the schedule beside what is edited by hand, and writes none where there is none', async () => {
    await store.save(STREAM);
    expect(await readFile(join(dir, 'bedtime.json'), 'utf8')).not.toContain('schedule');
    const queueKey = `queues/${'ab'.repeat(32)}.json`;
    const played = { queueKey, queueBytes: 11, playMode: 'loop', startFrame: 0, firstEpoch: 0 } as const;
    const before = [{ ...played, untilFrame: 900, untilMs: 23_511 }];
    const schedule = { before, startFrame: 900, firstEpoch: 3 };
    await store.save({ ...STREAM, playMode: 'loop', schedule });
    const text = await readFile(join(dir, 'bedtime.json'), 'utf8');
    await write('bedtime.json', text.replace('story.mp3', 'other.mp3'));
    expect(await store.find('default', 'bedtime')).toMatchObject({ files: ['other.mp3'], schedule });
    for (const [from, to] of [
      ['queues/', '../'],
      ['"until_ms": 23511', '"until_ms": "soon"'],
      ['"loop",\n        "start_frame"', '"shuffle",\n        "start_frame"'],
    ] as const) {
      expect(text).toContain(from);
      await write('bedtime.json', text.replace(from, to));
      await expect(store.find('default', 'bedtime')).rejects.toMatchObject({ code: 'conflict' });
    }
  });

  it('loads what the predecessor wrote', async () => {
    await write('old.json', '{"name": "old", "files": ["a.mp3", "b.mp3"], "loop": true}');
    await write('plain.json', '{"name": "plain", "files": [], "loop": false}');
    expect(await store.find('default', 'old')).toMatchObject({
      tenantId: 'default',
      name: 'old',
      files: ['a.mp3', 'b.mp3'],
      playMode: 'loop',
      persistence: 'permanent',
    });
    expect(await store.find('default', 'plain')).toMatchObject({ files: [], playMode: 'sequential' });
    expect(warnings).toEqual([]);
  });

  it('writes what the predecessor reads, and more', async () => {
    await store.save({ ...STREAM, title: 'Gute Nacht', expiresAtMs: NOW_MS + 1, updatedAtMs: NOW_MS });
    expect(JSON.parse(await readFile(join(dir, 'bedtime.json'), 'utf8'))).toEqual({
      name: 'bedtime',
      files: ['story.mp3'],
      loop: false,
      play_mode: 'shuffle',
      title: 'Gute Nacht',
      persistence: 'permanent',
      expires_at: '2026-01-02T03:04:05.679Z',
      updated_at: '2026-01-02T03:04:05.678Z',
    });
    await store.save({ ...STREAM, playMode: 'loop' });
    expect(JSON.parse(await readFile(join(dir, 'bedtime.json'), 'utf8'))).toMatchObject({ loop: true });
    expect(await readdir(dir)).toEqual(['bedtime.json']);
  });

  it('goes by the name of the file, and takes names in the form that the library has them', async () => {
    await write('renamed.json', '\uFEFF{"name": "before", "files": ["Gro\u0308\u00dfe.mp3"]}');
    expect(await store.find('default', 'renamed')).toMatchObject({
      name: 'renamed',
      files: ['Gr\u00f6\u00dfe.mp3'],
    });
  });

  it('keeps other tenants in directories of their own', async () => {
    await store.save({ ...STREAM, tenantId: 'neighbours' });
    expect(await readdir(join(dir, 'tenants', 'neighbours'))).toEqual(['bedtime.json']);
    await rm(join(dir, 'tenants'), { recursive: true });
    await symlink(tmpdir(), join(dir, 'tenants'));
    await expect(store.find('../default', 'bedtime')).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(store.save({ ...STREAM, name: '../x' })).rejects.toMatchObject({ code: 'invalid_input' });
  });

  it('tells when a definition was last written, also by hand', async () => {
    await store.save({ ...STREAM, updatedAtMs: NOW_MS });
    const path = join(dir, 'bedtime.json');
    const edited = (await readFile(path, 'utf8')).replace('story.mp3', 'other.mp3');
    await writeFile(path, edited);
    const atMs = Date.UTC(2026, 5, 1);
    await utimes(path, atMs / 1000, atMs / 1000);
    expect(await store.find('default', 'bedtime')).toMatchObject({
      files: ['other.mp3'],
      updatedAtMs: NOW_MS,
      storedAtMs: atMs,
    });
  });

  it('sees an edit by hand at once, as another revision', async () => {
    const saved = await store.save(STREAM);
    expect(await store.find('default', 'bedtime')).toEqual(saved);
    const text = await readFile(join(dir, 'bedtime.json'), 'utf8');
    await write('bedtime.json', text.replace('story.mp3', 'other.mp3'));
    const edited = await store.find('default', 'bedtime');
    expect(edited?.files).toEqual(['other.mp3']);
    await expect(store.save(STREAM, saved.revision)).rejects.toMatchObject({ code: 'precondition_failed' });
    // Whitespace alone is an edit too: the revision is that of the bytes.
    await write('bedtime.json', `${text.replace('story.mp3', 'other.mp3')} `);
    expect((await store.find('default', 'bedtime'))?.revision).not.toBe(edited?.revision);
    await rm(join(dir, 'bedtime.json'));
    expect(await store.find('default', 'bedtime')).toBeNull();
  });

  it('remembers a file that has not been touched for a while, until it is', async () => {
    await store.save(STREAM);
    const path = join(dir, 'bedtime.json');
    await utimes(path, 1_700_000_000, 1_700_000_000);
    const first = await store.find('default', 'bedtime');
    expect(await store.find('default', 'bedtime')).toBe(first);
    const edited = (await readFile(path, 'utf8')).replace('story.mp3', 'other.mp3');
    await write('.edited', edited);
    await utimes(join(dir, '.edited'), 1_700_000_000, 1_700_000_000);
    await rename(join(dir, '.edited'), path);
    expect((await store.find('default', 'bedtime'))?.files).toEqual(['other.mp3']);
  });

  const UNREADABLE: readonly (readonly [string, string])[] = [
    ['cut off', '{"name": "bad", "fil'],
    ['empty', ''],
    ['no object', '["a.mp3"]'],
    ['without files', '{"name": "bad", "loop": true}'],
    ['with files of a wrong type', '{"files": "a.mp3"}'],
    ['with an entry of a wrong type', '{"files": ["a.mp3", 1]}'],
    ['with a loop of a wrong type', '{"files": [], "loop": "yes"}'],
    ['of an unknown play mode', '{"files": [], "play_mode": "backwards"}'],
    ['of an unknown persistence', '{"files": [], "persistence": "maybe"}'],
    ['with a bad time', '{"files": [], "expires_at": "tomorrow"}'],
    ['of too many entries', JSON.stringify({ files: new Array(5001).fill('') })],
    ['far over 300 KB', JSON.stringify({ files: ['a.mp3'], title: 'x'.repeat(400_000) })],
  ];

  it.each(UNREADABLE)('leaves a file that is %s where it is, and says so once', async (_what, content) => {
    await write('bad.json', content);
    await store.save(STREAM);
    const refused = { code: 'conflict' };
    for (let time = 0; time < 2; time += 1) {
      expect((await store.list('default', { limit: 10 })).items.map(({ name }) => name)).toEqual(['bedtime']);
      expect(await store.listUsing('default', 'story.mp3', 10)).toEqual(['bedtime']);
      await expect(store.find('default', 'bad')).rejects.toMatchObject(refused);
      await expect(store.save({ ...STREAM, name: 'bad' })).rejects.toMatchObject(refused);
      await expect(store.save({ ...STREAM, name: 'bad' }, null)).rejects.toMatchObject(refused);
      await expect(store.delete('default', 'bad')).rejects.toMatchObject(refused);
      await store.deleteBySession('default', 'session-1');
    }
    expect(warnings).toHaveLength(1);
    expect(await readFile(join(dir, 'bad.json'), 'utf8')).toBe(content);
    await write('bad.json', `${content}}`);
    await expect(store.find('default', 'bad')).rejects.toMatchObject(refused);
    expect(warnings).toHaveLength(2);
    await write('bad.json', '{"files": []}');
    expect(await store.find('default', 'bad')).toMatchObject({ files: [] });
  });

  it('follows no symbolic link, and is not stopped by what is no file', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'earshot-'));
    await writeFile(join(outside, 'x.json'), '{"files": ["secret.mp3"]}');
    await symlink(join(outside, 'x.json'), join(dir, 'linked.json'));
    await mkdir(join(dir, 'tenants'));
    await symlink(outside, join(dir, 'tenants', 'linked'));
    await mkdir(join(dir, 'folder.json'));
    await write('not a name.json', '{"files": []}');
    await write('queues.json', '{"files": []}');
    await write('notes.txt', 'hello');
    expect(await store.list('default', { limit: 10 })).toEqual({ items: [] });
    await expect(store.find('default', 'linked')).rejects.toMatchObject({ code: 'conflict' });
    await expect(store.list('linked', { limit: 10 })).rejects.toMatchObject({ code: 'storage_unavailable' });
    await expect(store.find('linked', 'x')).rejects.toMatchObject({ code: 'storage_unavailable' });
    await expect(store.save({ ...STREAM, tenantId: 'linked' })).rejects.toMatchObject({
      code: 'storage_unavailable',
    });
    expect(await readdir(outside)).toEqual(['x.json']);
    expect(warnings).toHaveLength(4);
    await rm(outside, { recursive: true });
  });

  it('refuses what would not load again', async () => {
    const files = Array.from({ length: 2000 }, () => `${'ä'.repeat(90)}.mp3`);
    await expect(store.save({ ...STREAM, files })).rejects.toMatchObject({ code: 'too_large' });
    expect(await store.find('default', 'bedtime')).toBeNull();
  });

  it('removes the file of an expired stream', async () => {
    await store.save({ ...STREAM, expiresAtMs: NOW_MS });
    await store.save({ ...STREAM, name: 'second', expiresAtMs: NOW_MS });
    expect(await store.find('default', 'bedtime')).toBeNull();
    expect(await readdir(dir)).toEqual(['second.json']);
    await store.list('default', { limit: 10 });
    expect(await readdir(dir)).toEqual([]);
  });

  it('clears away what a killed process left, and nothing else', async () => {
    const old = '.bedtime.0123456789abcdef.tmp';
    await write(old, '{"na');
    await utimes(join(dir, old), 1_700_000_000, 1_700_000_000);
    await write('.bedtime.aaaaaaaaaaaaaaaa.tmp', '{"na');
    await write('.keep', '');
    await open();
    expect((await readdir(dir)).sort()).toEqual(['.bedtime.aaaaaaaaaaaaaaaa.tmp', '.keep']);
  });

  it('says why a directory cannot be used', async () => {
    await write('file', '');
    await expect(open(join(dir, 'file', 'streams'))).rejects.toMatchObject({
      code: 'storage_unavailable',
      details: { reason: 'ENOTDIR' },
      cause: { code: 'ENOTDIR' },
    });
    await expect(open('/proc/earshot-streams')).rejects.toMatchObject({ code: 'storage_unavailable' });
  });

  it('fails, with nothing written, when the directory goes away later', async () => {
    await rm(dir, { recursive: true });
    await expect(store.save(STREAM)).rejects.toMatchObject({ code: 'storage_unavailable' });
    expect(await store.find('default', 'bedtime')).toBeNull();
  });
});
