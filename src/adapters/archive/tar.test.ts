import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ArchiveWriter } from '../../domain/archive.ts';
import { openTarReader } from './tar-reader.ts';
import { openTarWriter, streamTar } from './tar-writer.ts';
import { parsePortableRecord } from './record-schema.ts';
import { portableFile, portableSamples } from '../../../test/portable-samples.ts';

describe('a tar file', () => {
  let directory: string;
  let path: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'earshot-tar-'));
    path = join(directory, 'a.tar');
  });
  afterEach(() => rm(directory, { recursive: true }));

  async function* chunks(bytes: number) {
    for (let left = bytes; left > 0; left -= 65_536) yield new Uint8Array(Math.min(left, 65_536)).fill(7);
  }

  it('gives back what was put into it, names of any length too', async () => {
    const handle = await open(path, 'w');
    const writer = openTarWriter(handle);
    const long = `objects/originals/${'a'.repeat(200)}/${'b'.repeat(200)}`;
    await writer.add('empty', 0, []);
    await writer.add(long, 1_000_001, chunks(1_000_001));
    await writer.add('last', 3, [new Uint8Array([1, 2]), new Uint8Array([3])]);
    await writer.finish();
    await handle.close();
    for (let round = 0; round < 2; round += 1) {
      const found: [string, number, number][] = [];
      for await (const { name, sizeBytes, body } of openTarReader(path).readEntries()) {
        let bytes = 0;
        for await (const chunk of body) bytes += chunk.length;
        found.push([name, sizeBytes, bytes]);
      }
      expect(found).toEqual([
        ['empty', 0, 0],
        [long, 1_000_001, 1_000_001],
        ['last', 3, 3],
      ]);
    }
  });

  it('can be left in the middle', async () => {
    const handle = await open(path, 'w');
    const writer = openTarWriter(handle);
    for (const name of ['a', 'b']) await writer.add(name, 500_000, chunks(500_000));
    await writer.finish();
    await handle.close();
    for await (const { body } of openTarReader(path).readEntries()) {
      for await (const chunk of body) if (chunk.length > 0) break;
      break;
    }
  });

  it('tells what the body throws, and a body of another length', async () => {
    const handle = await open(path, 'w');
    const gone = new Error('gone');
    const failing = async function* () {
      yield* chunks(100_000);
      throw gone;
    };
    await expect(openTarWriter(handle).add('a', 1_000_000, failing())).rejects.toBe(gone);
    const short = openTarWriter(handle).add('b', 1_000_000, chunks(999_999));
    await expect(short).rejects.toMatchObject({ code: 'internal' });
    await handle.close();
  });

  it.skipIf(process.platform !== 'linux')('tells that there is no space left', async () => {
    const handle = await open('/dev/full', 'w');
    const writer = openTarWriter(handle);
    const failure = await (async () => {
      for (let at = 0; at < 50; at += 1) await writer.add(`f-${at}`, 300_000, chunks(300_000));
      await writer.finish();
    })().catch((error: unknown) => error);
    await handle.close();
    expect(failure).toMatchObject({ code: 'insufficient_storage' });
  });
});

describe('a tar file without a file', () => {
  async function* chunks(bytes: number, told: { read: number; isOpen: boolean }) {
    told.isOpen = true;
    try {
      for (let left = bytes; left > 0; left -= 65_536) {
        const chunk = new Uint8Array(Math.min(left, 65_536)).fill(7);
        told.read += chunk.length;
        yield chunk;
      }
    } finally {
      told.isOpen = false;
    }
  }

  it('is the same, to the byte', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'earshot-tar-'));
    const fill = async (writer: ArchiveWriter) => {
      await writer.add('empty', 0, []);
      await writer.add('a', 300_001, chunks(300_001, { read: 0, isOpen: false }));
      await writer.finish();
    };
    const handle = await open(join(directory, 'a.tar'), 'w');
    await fill(openTarWriter(handle));
    await handle.close();
    await writeFile(join(directory, 'b.tar'), streamTar(fill));
    const [a, b] = await Promise.all(['a.tar', 'b.tar'].map((name) => readFile(join(directory, name))));
    expect(b).toEqual(a);
    await rm(directory, { recursive: true });
  });

  it('is made no faster than it is read', async () => {
    const told = { read: 0, isOpen: false };
    const archive: AsyncIterable<Uint8Array> = streamTar((writer) =>
      writer.add('a', 100_000_000, chunks(100_000_000, told)),
    );
    const reading = archive[Symbol.asyncIterator]();
    for (let taken = 0; taken < 5_000_000;) {
      const step = await reading.next();
      if (step.done === true) throw new Error('It ended too early.');
      taken += step.value.length;
    }
    await setTimeout(50);
    expect(told.read).toBeLessThan(6_000_000);
    await reading.return?.();
  });

  it('lets go of everything when it is left, and says so to who fills it', async () => {
    const told = { read: 0, isOpen: false };
    let failure: unknown;
    const fill = async (writer: ArchiveWriter) => {
      try {
        await writer.add('a', 1000, chunks(1000, told));
        await writer.add('b', 100_000_000, chunks(100_000_000, told));
      } catch (error) {
        failure = error;
        throw error;
      }
    };
    for await (const chunk of streamTar(fill)) if (chunk.length > 512 && told.read > 200_000) break;
    expect(told.isOpen).toBe(false);
    expect(failure).toMatchObject({ code: 'aborted' });
    let later: unknown;
    const betweenEntries = async (writer: ArchiveWriter) => {
      await writer.add('a', 1, [new Uint8Array(1)]);
      await setTimeout(20);
      later = await writer.add('b', 1, [new Uint8Array(1)]).catch((error: unknown) => error);
      throw later;
    };
    let taken = 0;
    // The head of the entry, and its one byte with what fills it up.
    for await (const chunk of streamTar(betweenEntries)) if ((taken += chunk.length) >= 1024) break;
    expect(later).toMatchObject({ code: 'aborted' });
  });

  it('breaks off with what went wrong, and never ends as if it were whole', async () => {
    const gone = new Error('gone');
    const read = async (fill: (writer: ArchiveWriter) => Promise<void>) =>
      Array.fromAsync(streamTar(fill)).catch((error: unknown) => error);
    expect(await read(() => Promise.reject(gone))).toBe(gone);
    const failing = async function* () {
      yield new Uint8Array(600_000);
      throw gone;
    };
    expect(await read((writer) => writer.add('a', 1_000_000, failing()))).toBe(gone);
    const short = await read((writer) => writer.add('a', 3, [new Uint8Array(2)]));
    expect(short).toMatchObject({ code: 'internal' });
    const afterAnEntry = await read(async (writer) => {
      await writer.add('a', 3, [new Uint8Array(3)]);
      throw gone;
    });
    expect(afterAnEntry).toBe(gone);
  });
});

describe('a record of a backup', () => {
  it('is read as it was written', () => {
    for (const { kind, value } of portableSamples()) {
      const written: unknown = JSON.parse(JSON.stringify(value));
      expect(JSON.parse(JSON.stringify(parsePortableRecord(kind, written).value))).toEqual(written);
    }
  });

  it.each([
    ['a name that leads out', { filename: '../evil.mp3' }],
    ['a key that leads out', { originalKey: '../../etc/passwd' }],
    ['a tenant that leads out', { tenantId: '..' }],
    ['a field that nobody knows', { evil: true }],
    ['a number as text', { revision: '4' }],
    ['a count that is none', { chapterCount: 3 }],
  ])('is refused with %s, and its value is not told', (_what, change) => {
    const value = { ...portableFile('a.mp3', 1).value, ...change };
    expect(() => parsePortableRecord('audio_file', value)).toThrow(/^(?!.*(?:passwd|\.\.\/)).+$/);
  });
});
