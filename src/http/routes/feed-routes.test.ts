import { SaxesParser } from 'saxes';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPlayingApp, NAMES } from '../../../test/playing-app.ts';
import type { PlayingApp } from '../../../test/playing-app.ts';
import { addTrack, addUnreadyFile } from '../../../test/stream-library.ts';

const FEED = '/api/streams/s/feed.xml';
const RFC822 = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/;

interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
}

/** @throws for what is not well-formed, or uses a prefix that nothing declares */
function parseXml(text: string): XmlElement {
  const root: XmlElement = { name: '', attributes: {}, children: [], text: '' };
  const open: XmlElement[] = [root];
  const parser = new SaxesParser({ xmlns: true });
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const values = Object.entries(attributes).map(([key, { value }]) => [key, value] as const);
    const element = { name, attributes: Object.fromEntries(values), children: [], text: '' };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('text', (piece) => {
    const inner = open.at(-1);
    if (inner !== undefined) inner.text += piece;
  });
  parser.on('closetag', () => void open.pop());
  parser.write(text).close();
  return root.children[0] ?? root;
}

const all = (element: XmlElement, name: string) => element.children.filter((child) => child.name === name);
function one(element: XmlElement, name: string): XmlElement {
  const [child, ...others] = all(element, name);
  if (child === undefined || others.length > 0) throw new Error(`There must be one ${name}.`);
  return child;
}

/** What RSS 2.0 (rssboard.org/rss-specification), Apple and Podcasting 2.0 ask of a feed. */
function readFeed(text: string) {
  const rss = parseXml(text);
  expect(rss).toMatchObject({ name: 'rss', attributes: { version: '2.0' } });
  const channel = one(rss, 'channel');
  for (const name of ['title', 'link', 'description', 'lastBuildDate', 'itunes:explicit', 'atom:link'])
    one(channel, name);
  expect(one(channel, 'lastBuildDate').text).toMatch(RFC822);
  const items = all(channel, 'item').map((item) => {
    const enclosure = one(item, 'enclosure').attributes;
    const pubDate = one(item, 'pubDate').text;
    expect(pubDate).toMatch(RFC822);
    expect(one(item, 'itunes:duration').text).toMatch(/^\d+$/);
    expect(one(item, 'guid').attributes).toEqual({ isPermaLink: 'false' });
    expect(enclosure).toMatchObject({
      type: 'audio/mpeg',
      length: expect.stringMatching(/^[1-9]\d*$/) as string,
    });
    return {
      element: item,
      title: one(item, 'title').text,
      description: all(item, 'description')[0]?.text,
      guid: one(item, 'guid').text,
      publishedAtMs: Date.parse(pubDate),
      url: new URL(enclosure['url'] ?? ''),
      length: Number(enclosure['length']),
    };
  });
  expect(new Set(items.map(({ guid }) => guid)).size).toBe(items.length);
  for (const [index, { publishedAtMs }] of items.entries()) {
    expect(publishedAtMs).toBeLessThan(items[index - 1]?.publishedAtMs ?? Infinity);
  }
  return { channel, items };
}

describe('feed.xml', () => {
  let test: PlayingApp;

  beforeEach(async () => {
    test = await openPlayingApp();
  });
  afterEach(() => test.app.close());

  const get = (url: string, headers: Record<string, string> = {}) =>
    test.request('GET', url, { token: test.user.token, headers });

  async function makeLink(): Promise<string> {
    const answer = await test.request('POST', '/api/streams/s/links', { token: test.user.token, body: {} });
    return answer.json<{ token: string }>().token;
  }

  it('has an episode for each file, in the order of the queue, with its exact length', async () => {
    await test.put(['h.mp3', 'a.mp3', 'h.mp3', 'c.mp3']);
    const answer = await get(FEED);
    expect(answer.headers['content-type']).toBe('application/rss+xml; charset=utf-8');
    expect(answer.headers['cache-control']).toBe('private, no-cache');
    const { items } = readFeed(answer.body);
    expect(items.map(({ title }) => title)).toEqual(['Title of h.mp3', 'Title of a.mp3', 'Title of c.mp3']);
    for (const { url, length } of items) {
      expect(url.search).toBe('');
      const file = await get(url.pathname);
      expect(file.rawPayload.length).toBe(length);
      expect(file.headers['content-type']).toBe('audio/mpeg');
      const range = await get(url.pathname, { range: 'bytes=1-3' });
      expect(range.statusCode).toBe(206);
      expect(Buffer.compare(range.rawPayload, file.rawPayload.subarray(1, 4))).toBe(0);
    }
    expect(answer.body).not.toContain(test.user.token);
  });

  it('lets an app in by a link to the stream, which opens its files and no others', async () => {
    await test.put(['a.mp3', 'b.mp3']);
    const token = await makeLink();
    const answer = await test.request('GET', `${FEED}?token=${token}`);
    expect(answer.headers['cache-control']).toBe('public, no-cache');
    const { items, channel } = readFeed(answer.body);
    expect(one(channel, 'atom:link').attributes['href']).toContain(`/feed.xml?token=${token}`);
    for (const { url } of items) {
      expect((await test.request('GET', url.pathname + url.search)).statusCode).toBe(200);
      expect((await test.request('GET', url.pathname)).statusCode).toBe(401);
    }
    for (const url of ['/api/streams/s/files/c.mp3', '/api/streams/t/files/a.mp3', '/api/audio/a.mp3']) {
      expect((await test.request('GET', `${url}?token=${token}`)).statusCode).toBe(404);
    }
    await test.put(['b.mp3']);
    expect((await test.request('GET', `/api/streams/s/files/a.mp3?token=${token}`)).statusCode).toBe(404);
  });

  it('is well-formed whatever titles and descriptions are', async () => {
    const odd = ']]> <b>&amp; "quoted" \u0000\u0001\u000b\u001f\u007f\ufffe\ud800 \u{1f40b}\r\n\ttail';
    await addTrack(test.ports, 'Größe & <1>.mp3'.normalize('NFC').replace(/[<>&]/g, '_'), 20, {
      title: odd,
      description: odd,
      artist: odd,
      transcriptLanguage: 'd"e',
      hasTranscript: true,
    });
    await test.put(['Größe _ _1_.mp3']);
    await test.request('PATCH', '/api/streams/s', {
      token: test.user.token,
      body: { title: 'A & B <c> ]]>' },
    });
    const { items, channel } = readFeed((await get(FEED)).body);
    expect(one(channel, 'title').text).toBe('A & B <c> ]]>');
    const kept = ']]> <b>&amp; "quoted" \u007f \u{1f40b}\r\n\ttail';
    expect(items[0]).toMatchObject({ title: kept, description: kept });
    expect((await get(items[0]?.url.pathname ?? '')).statusCode).toBe(200);
  });

  it('leads to cover, transcript and chapters where there are any', async () => {
    const { ports } = test;
    await ports.objects.write('covers/aa.jpg', [new Uint8Array([1, 2, 3])]);
    const { file } = await addTrack(ports, 'told.mp3', 200, {
      coverKey: 'covers/aa.jpg',
      hasTranscript: true,
      transcriptStatus: 'completed',
      transcriptText: 'Once upon a time.',
      transcriptLanguage: 'en',
    });
    const chapters = [
      { title: 'One', startMs: 0 },
      { title: 'Two', startMs: 1500 },
    ];
    await ports.audioFiles.save(file, file.revision, { chapters });
    await test.put(['a.mp3', 'told.mp3']);
    const token = await makeLink();
    const { items, channel } = readFeed((await test.request('GET', `${FEED}?token=${token}`)).body);
    const [plain, told] = items.map(({ element }) => element);
    if (plain === undefined || told === undefined) throw new Error('There are two.');
    for (const name of ['itunes:image', 'podcast:transcript', 'podcast:chapters'])
      expect(all(plain, name)).toEqual([]);
    const fetched = async (url = '') => {
      const { pathname, search } = new URL(url);
      const answer = await test.request('GET', pathname + search);
      expect(answer.statusCode).toBe(200);
      return answer;
    };
    const cover = await fetched(one(told, 'itunes:image').attributes['href']);
    expect(cover.headers['content-type']).toBe('image/jpeg');
    expect(one(channel, 'itunes:image').attributes).toEqual(one(told, 'itunes:image').attributes);
    const transcripts = all(told, 'podcast:transcript').map(({ attributes }) => attributes);
    expect(transcripts.map(({ type, language }) => [type, language])).toEqual([
      ['text/vtt', 'en'],
      ['application/x-subrip', 'en'],
    ]);
    for (const { url, type } of transcripts) {
      const answer = await fetched(url);
      expect(answer.headers['content-type']).toBe(`${type}; charset=utf-8`);
      expect(answer.body).toContain('Once upon a time.');
    }
    const { attributes } = one(told, 'podcast:chapters');
    expect(attributes['type']).toBe('application/json+chapters');
    expect((await fetched(attributes['url'])).json()).toEqual({
      version: '1.2.0',
      chapters: [
        { startTime: 0, title: 'One' },
        { startTime: 1.5, title: 'Two' },
      ],
    });
    for (const below of ['cover', 'transcript.vtt', 'chapters.json']) {
      expect((await get(`/api/streams/s/files/a.mp3/${below}`)).statusCode).toBe(404);
    }
  });

  it('is the same to who has it, as long as nothing in it has changed', async () => {
    const { headers, body } = await get(FEED);
    const ask = () => get(FEED, { 'if-none-match': String(headers.etag) });
    expect((await ask()).statusCode).toBe(304);
    expect((await get(FEED)).body).toBe(body);
    const head = await test.request('HEAD', FEED, { token: test.user.token });
    expect([head.statusCode, head.body, head.headers.etag]).toEqual([200, '', headers.etag]);
    const guids = readFeed(body).items.map(({ guid }) => guid);
    await test.request('PATCH', '/api/audio/a.mp3/info', {
      token: test.user.token,
      body: { title: 'Other' },
    });
    const changed = await ask();
    expect(changed.statusCode).toBe(200);
    expect(readFeed(changed.body).items.map(({ guid }) => guid)).toEqual(guids);
    await test.put(NAMES.toReversed());
    expect(readFeed((await get(FEED)).body).items.map(({ guid }) => guid)).toEqual(guids.toReversed());
  });

  it('leaves out what is not ready', async () => {
    await addUnreadyFile(test.ports, 'new.mp3', 'processing');
    await test.put(['a.mp3', 'new.mp3']);
    expect(readFeed((await get(FEED)).body).items).toHaveLength(1);
    await test.request('DELETE', '/api/streams/s/queue', { token: test.user.token });
    expect(readFeed((await get(FEED)).body).items).toEqual([]);
  });

  it('takes a queue of 5,000', async () => {
    const part = test.tracks.get('a.mp3')?.file ?? never();
    const names = Array.from({ length: 5000 }, (_, number) => `chapter ${number}.mp3`);
    for (const filename of names) await test.ports.audioFiles.create({ ...part, filename, title: filename });
    await test.put(names);
    const { items } = readFeed((await get(FEED)).body);
    expect(items.map(({ title }) => title)).toEqual(names);
  });
});

describe('stream.m3u and stream.pls', () => {
  let test: PlayingApp;

  beforeEach(async () => {
    test = await openPlayingApp({}, { publicUrl: 'https://radio.example/at' });
  });
  afterEach(() => test.app.close());

  const URL_OF_MP3 = 'https://radio.example/at/api/streams/s/stream.mp3';

  it('name the absolute URL, title and length', async () => {
    const { token } = test.user;
    await test.request('PATCH', '/api/streams/s', { token, body: { title: 'Gute Nacht, Bär' } });
    const m3u = await test.request('GET', '/api/streams/s/stream.m3u', { token });
    expect(m3u.headers).toMatchObject({
      'content-type': 'audio/x-mpegurl; charset=utf-8',
      'content-disposition': 'attachment; filename="s.m3u"',
      'cache-control': 'private, no-cache',
    });
    expect(m3u.body).toBe(`#EXTM3U\n#PLAYLIST:Gute Nacht, Bär\n#EXTINF:5,Gute Nacht, Bär\n${URL_OF_MP3}\n`);
    const pls = await test.request('GET', '/api/streams/s/stream.pls?play_mode=loop&live=1', { token });
    expect(pls.headers).toMatchObject({
      'content-type': 'audio/x-scpls; charset=utf-8',
      'content-disposition': 'attachment; filename="s.pls"',
    });
    expect(pls.body).toBe(
      `[playlist]\nNumberOfEntries=1\nFile1=${URL_OF_MP3}?play_mode=loop&live=1\nTitle1=Gute Nacht, Bär\nLength1=-1\nVersion=2\n`,
    );
  });

  it('carry the token of a link, and every parameter', async () => {
    const link = await test.request('POST', '/api/streams/s/links', { token: test.user.token, body: {} });
    const { token } = link.json<{ token: string }>();
    const query = `play_mode=shuffle&seed=3&skip_missing=1&from=1.500000000&sleep_s=60.000&sleep_mode=exact&token=${token}`;
    const answer = await test.request('GET', `/api/streams/s/stream.m3u?${query}`);
    const line = answer.body.split('\n').find((each) => each.startsWith('https:')) ?? '';
    expect(line).toBe(`${URL_OF_MP3}?${query}`);
    const { pathname, search } = new URL(line);
    expect((await test.request('GET', pathname.replace('/at', '') + search)).statusCode).toBe(200);
    const other = await test.request('GET', '/api/streams/s/stream.m3u');
    expect(other.statusCode).toBe(401);
  });
});

const never = (): never => {
  throw new Error('It is there.');
};
