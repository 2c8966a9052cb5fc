import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFileStreamStore } from '../../src/adapters/files/file-stream-store.ts';
import { withPathLock } from '../../src/adapters/files/path-lock.ts';

const ignore = () => undefined;
const log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
const appender = join(import.meta.dirname, '..', 'stream-appender.ts');
const TIMES = 60;

describe('stream definitions that several processes edit', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'earshot-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('lose no edit, and leave no lock behind', async () => {
    const streams = await openFileStreamStore({ dir, clock: Date.now, log });
    const first = {
      tenantId: 'default',
      name: 's',
      files: [],
      playMode: 'loop',
      persistence: 'permanent',
    } as const;
    await streams.save(first);
    const marks = ['a', 'b', 'c'];
    const codes = await Promise.all(
      marks.map(async (mark) => {
        const child = spawn(process.execPath, [appender, dir, mark, String(TIMES)], { stdio: 'inherit' });
        const [code] = (await once(child, 'exit')) as [number | null];
        return code;
      }),
    );
    expect(codes).toEqual([0, 0, 0]);
    const files = (await streams.find('default', 's'))?.files ?? [];
    for (const mark of marks) {
      const own = files.filter((file) => file.startsWith(mark));
      expect(own).toEqual(Array.from({ length: TIMES }, (_, number) => `${mark}-${number}.mp3`));
    }
    expect(files).toHaveLength(marks.length * TIMES);
    expect(await readdir(dir)).toEqual(['s.json']);
  });

  it('go on after one was killed with the lock in its hands', async () => {
    const lockPath = join(dir, '.s.lock');
    await writeFile(lockPath, '');
    const startMs = performance.now();
    const taken = Array.from({ length: 5 }, (_, number) =>
      withPathLock(lockPath, async () => `done ${number}`, { staleAfterMs: 200 }),
    );
    expect(await Promise.all(taken)).toHaveLength(5);
    expect(performance.now() - startMs).toBeGreaterThan(200);
    expect(await readdir(dir)).toEqual([]);
  });

  it('are one at a time', async () => {
    const lockPath = join(dir, '.s.lock');
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 20 }, () => withPathLock(lockPath, work)));
    expect(most).toBe(1);
  });
});
