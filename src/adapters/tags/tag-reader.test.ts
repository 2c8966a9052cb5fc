import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeId3 } from '../../../test/made-audio.ts';
import { createTagReader } from './tag-reader.ts';

describe('createTagReader', { timeout: 30_000 }, () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'earshot-'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  const reader = createTagReader();
  async function put(content: Uint8Array): Promise<string> {
    const path = join(dir, 'file');
    await writeFile(path, content);
    return path;
  }
  /** A text frame of ID3v2.4 in UTF-8. */
  function textFrame(id: string, text: string): Uint8Array {
    const body = Buffer.from(`\x03${text}`, 'utf8');
    const size = [body.length >> 7, body.length & 0x7f];
    return Buffer.concat([Buffer.from(id, 'latin1'), Buffer.from([0, 0, ...size, 0, 0]), body]);
  }
  function tagged(...frames: readonly Uint8Array[]): Uint8Array {
    const body = Buffer.concat(frames);
    // Frames of silence: 128 kbit/s, 44.1 kHz, 417 bytes.
    const frame = Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0x64]), Buffer.alloc(413)]);
    return Buffer.concat([makeId3(body.length, body), frame, frame, frame]);
  }

  it('reads title, artist and album, as one line of bounded length', async () => {
    const path = await put(
      tagged(
        textFrame('TIT2', ' Die\n Höhle\t der  Bären '),
        textFrame('TPE1', 'x'.repeat(1000)),
        textFrame('TALB', '\u0001 '),
      ),
    );
    expect(await reader.read(path)).toEqual({ title: 'Die Höhle der Bären', artist: 'x'.repeat(300) });
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['text', Buffer.from('once upon a time')],
    [
      'a tag beyond the end of the file',
      makeId3(200_000_000, Buffer.from('TIT2\x7f\x7f\x7f\x7f\0\0', 'latin1')),
    ],
  ])('finds no tags in %s', async (_what, content) => {
    expect(await reader.read(await put(content))).toEqual({});
  });

  it('survives a frame beyond the end of its tag', async () => {
    const path = await put(tagged(Buffer.from('TIT2\0\0\x7f\x7f\0\0\x03Hi', 'latin1')));
    expect(await reader.read(path)).not.toHaveProperty('artist');
  });

  it('finds no tags in a file that is not there, and none when it may take no time', async () => {
    expect(await reader.read(join(dir, 'nowhere'))).toEqual({});
    const path = await put(tagged(textFrame('TIT2', 'Title')));
    expect(await createTagReader({ maxMs: 0 }).read(path)).toEqual({});
    expect(await reader.read(path, AbortSignal.abort())).toEqual({});
  });
});
