import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeId3 } from '../../../test/made-audio.ts';
import { chapterFrame, pictureFrame, taggedMp3, textFrame } from '../../../test/made-tags.ts';
import { createTagReader } from './tag-reader.ts';

const FIXTURES = new URL('../../../test/fixtures/', import.meta.url);
const JPEG = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(96, 1)]);
const PNG = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(92, 2)]);

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

  it('reads title, artist and album, as one line of bounded length', async () => {
    const path = await put(
      taggedMp3(
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
    const path = await put(taggedMp3(Buffer.from('TIT2\0\0\x7f\x7f\0\0\x03Hi', 'latin1')));
    expect(await reader.read(path)).not.toHaveProperty('artist');
  });

  it('finds no tags in a file that is not there, and none when it may take no time', async () => {
    expect(await reader.read(join(dir, 'nowhere'))).toEqual({});
    const path = await put(taggedMp3(textFrame('TIT2', 'Title')));
    expect(await createTagReader({ maxMs: 0 }).read(path)).toEqual({});
    expect(await reader.read(path, AbortSignal.abort())).toEqual({});
  });

  it('reads one file after the other and several side by side, each its own', async () => {
    const paths = await Promise.all(
      Array.from({ length: 8 }, async (_, number) => {
        const path = join(dir, `file-${number}`);
        await writeFile(path, taggedMp3(textFrame('TIT2', `Title ${number}`)));
        return path;
      }),
    );
    for (const _ of [1, 2]) {
      const found = await Promise.all(paths.map((path) => reader.read(path)));
      expect(found.map(({ title }) => title)).toEqual(paths.map((_path, number) => `Title ${number}`));
    }
    const stopping = new AbortController();
    const stopped = reader.read(paths[0] ?? '', stopping.signal);
    stopping.abort();
    expect(await stopped).toEqual({});
    expect((await reader.read(paths[1] ?? '')).title).toBe('Title 1');
  });

  const BOOK = {
    title: 'Der Hase und der Igel',
    artist: 'Märchenerzählerin',
    album: 'Fabeln',
    chapters: [
      { title: 'Auf dem Feld', startMs: 0 },
      { title: 'Das Rennen – “los!”', startMs: 1000 },
      { title: 'Ende', startMs: 2500 },
    ],
  };

  it.each([
    ['book.m4b', { mediaType: 'image/jpeg', length: 1790 }],
    ['book.mp3', { mediaType: 'image/png', length: 99 }],
    ['book.flac', { mediaType: 'image/png', length: 99 }],
  ])('reads chapters and cover of %s', async (name, { mediaType, length }) => {
    const { cover, ...texts } = await reader.read(fileURLToPath(new URL(name, FIXTURES)));
    expect(texts).toEqual(BOOK);
    expect(cover?.mediaType).toBe(mediaType);
    expect(cover?.bytes).toHaveLength(length);
  });

  it.each(['chpl', 'tref'])('reads the chapters of an M4B without its %s', async (box) => {
    const book = (await readFile(new URL('book.m4b', FIXTURES))).toString('latin1');
    expect(book.split(box)).toHaveLength(2);
    const path = await put(Buffer.from(book.replace(box, 'free'), 'latin1'));
    expect((await reader.read(path)).chapters).toEqual(BOOK.chapters);
  });

  it('tidies chapters that are out of order, unnamed or odd', async () => {
    const path = await put(
      taggedMp3(
        chapterFrame('c', 0xffff_ffff, 'Far past the end'),
        chapterFrame('b', 2000, ' Two\n\u0007 \u2028lines '),
        chapterFrame('a', 0, ''),
        chapterFrame('a', 1000, 'Of the same id'),
      ),
    );
    expect(await reader.read(path)).toEqual({
      chapters: [
        { title: '', startMs: 0 },
        { title: 'Of the same id', startMs: 1000 },
        { title: 'Two lines', startMs: 2000 },
        { title: 'Far past the end', startMs: 0xffff_ffff },
      ],
    });
  });

  it('keeps a thousand of ten thousand chapters', async () => {
    const frames = Array.from({ length: 10_000 }, (_, number) =>
      chapterFrame(`c${number}`, (9_999 - number) * 10, 'x'.repeat(50)),
    );
    const { chapters } = await reader.read(await put(taggedMp3(...frames)));
    expect(chapters).toHaveLength(1000);
    expect(chapters?.at(-1)).toEqual({ title: 'x'.repeat(50), startMs: 9990 });
  });

  it('takes the front cover, else the first picture, by its bytes and not by what is claimed', async () => {
    const back = pictureFrame('image/png', PNG, 4);
    const front = pictureFrame('text/html', JPEG);
    const withFront = await reader.read(await put(taggedMp3(back, front)));
    expect(withFront.cover).toEqual({ mediaType: 'image/jpeg', bytes: new Uint8Array(JPEG) });
    const withoutFront = await reader.read(await put(taggedMp3(back)));
    expect(withoutFront.cover).toEqual({ mediaType: 'image/png', bytes: new Uint8Array(PNG) });
  });

  it.each([
    ['HTML that claims to be a JPEG', '<!doctype html><script>alert(1)</script>', 'image/jpeg'],
    ['an SVG', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', 'image/svg+xml'],
    ['an address', 'https://example.org/cover.jpg', '-->'],
    ['nothing', '', 'image/png'],
  ])('takes %s for no cover', async (_what, content, claimed) => {
    const picture = pictureFrame(claimed, Buffer.from(content));
    const path = await put(taggedMp3(textFrame('TIT2', 'Title'), picture));
    expect(await reader.read(path)).toEqual({ title: 'Title' });
  });

  it('leaves a picture of 50 MB out, and keeps the texts and a smaller one', async () => {
    const huge = Buffer.concat([PNG, Buffer.alloc(50_000_000)]);
    const title = textFrame('TIT2', 'Title');
    const alone = await put(taggedMp3(title, pictureFrame('image/png', huge)));
    expect(await reader.read(alone)).toEqual({ title: 'Title' });
    const both = await put(
      taggedMp3(title, pictureFrame('image/png', huge), pictureFrame('image/jpeg', JPEG)),
    );
    expect(await reader.read(both)).toMatchObject({ title: 'Title', cover: { mediaType: 'image/jpeg' } });
  });
});
