import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { RUN_IN_CYCLES } from './encode-sections.ts';
import { joinSections } from './section-join.ts';
import type { SectionFile } from './section-join.ts';

const CYCLE = { samples: 10, bytes: 16 };

describe('joinSections', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'earshot-'));
    return () => rm(dir, { recursive: true });
  });

  /** Cycles of a sound: each begins with a sync word and bears its number. */
  function cyclesOf(from: number, endExclusive: number): Buffer {
    const cycles = Array.from({ length: endExclusive - from }, (_, index) => {
      const cycle = Buffer.alloc(CYCLE.bytes, from + index);
      cycle.set([0xff, 0xfb]);
      return cycle;
    });
    return Buffer.concat(cycles);
  }

  async function put(startCycle: number, content: Buffer): Promise<SectionFile> {
    const path = join(dir, `from-${startCycle}`);
    await writeFile(path, content);
    return { path, section: { startCycle } };
  }

  const contentsOf = (files: readonly SectionFile[]) => Promise.all(files.map(({ path }) => readFile(path)));

  /** What an encoder makes of the beginning of a section: something else. */
  function begun(from: number, endExclusive: number): Buffer {
    const content = cyclesOf(from, endExclusive);
    return content.fill(0xee, 0, (RUN_IN_CYCLES - 1) * CYCLE.bytes);
  }

  it('makes of sections what one run would make', async () => {
    const ends = Buffer.from('half a frame at the end of each');
    const files = [
      await put(0, Buffer.concat([cyclesOf(0, 20 + RUN_IN_CYCLES), ends])),
      await put(20, Buffer.concat([begun(20, 41 + RUN_IN_CYCLES), ends])),
      await put(41, Buffer.concat([begun(41, 60), ends])),
    ];
    expect(await joinSections(files, CYCLE, undefined)).toBe(true);
    const [joined] = await contentsOf(files);
    expect(joined).toEqual(Buffer.concat([cyclesOf(0, 60), ends]));
  });

  it.each<readonly [what: string, later: () => Buffer]>([
    [
      'a byte differs before the joint',
      () => {
        const later = begun(20, 40);
        later[RUN_IN_CYCLES * CYCLE.bytes - 1] = 0xdd;
        return later;
      },
    ],
    ['the later one ends before it', () => begun(20, 20 + RUN_IN_CYCLES).subarray(0, -1)],
    ['the later one is empty', () => Buffer.alloc(0)],
  ])('leaves them alone when %s', async (_what, later) => {
    const files = [await put(0, cyclesOf(0, 20 + RUN_IN_CYCLES)), await put(20, later())];
    const before = await contentsOf(files);
    expect(await joinSections(files, CYCLE, undefined)).toBe(false);
    expect(await contentsOf(files)).toEqual(before);
  });

  it('leaves them alone when what they agree on are no frames', async () => {
    const files = [
      await put(0, Buffer.alloc(40 * CYCLE.bytes)),
      await put(20, Buffer.alloc(20 * CYCLE.bytes)),
    ];
    expect(await joinSections(files, CYCLE, undefined)).toBe(false);
  });

  it('stops when told to', async () => {
    const files = [await put(0, cyclesOf(0, 20 + RUN_IN_CYCLES)), await put(20, begun(20, 40))];
    await expect(joinSections(files, CYCLE, AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' });
  });
});
