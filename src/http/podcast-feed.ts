import type { Episode, StreamFeed } from '../services/stream-feed.ts';
import { attribute, element, escapeText } from './xml-text.ts';

export const FEED_TYPE = 'application/rss+xml';

/** Where things are found; all absolute, with the token of the link that the feed was asked for with. */
export interface FeedUrls {
  readonly self: string;
  readonly site: string;
  /** `below` a file of the queue: nothing, or `/cover` and the like. */
  readonly ofFile: (filename: string, below?: string) => string;
}

const NAMESPACES =
  'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" ' +
  'xmlns:podcast="https://podcastindex.org/namespace/1.0"';

/**
 * RSS 2.0 with what Apple (podcasters.apple.com/support/823) and Podcasting 2.0 (podcastindex.org/namespace/1.0) added,
 * a few episodes at a time. It is nobody's to list: directories are asked to leave it out.
 */
export async function* writeFeed(
  { stream, updatedAtMs }: StreamFeed,
  episodes: AsyncIterable<readonly Episode[]>,
  urls: FeedUrls,
): AsyncGenerator<string, void, undefined> {
  const title = stream.title ?? stream.name;
  yield (
    `<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" ${NAMESPACES}>\n<channel>\n` +
    element('title', title) +
    element('link', urls.site) +
    element('description', title) +
    `<atom:link${attribute('href', urls.self)} rel="self" type="${FEED_TYPE}"/>\n` +
    element('generator', 'Earshot') +
    element('lastBuildDate', toRfc822(updatedAtMs)) +
    element('itunes:author', title) +
    '<itunes:explicit>false</itunes:explicit>\n<itunes:block>Yes</itunes:block>\n' +
    '<podcast:locked>yes</podcast:locked>\n'
  );
  let hasImage = false;
  for await (const batch of episodes) {
    let text = '';
    for (const episode of batch) {
      if (!hasImage && episode.file.coverKey !== undefined) {
        // Elements of a channel may stand in any order: the first cover is known when its episode is.
        text += imageOf(urls.ofFile(episode.file.filename, '/cover'));
        hasImage = true;
      }
      text += writeItem(episode, urls);
    }
    yield text;
  }
  yield '</channel>\n</rss>\n';
}

function writeItem({ file, part, guid, publishedAtMs }: Episode, { ofFile }: FeedUrls): string {
  const { filename, description, artist } = file;
  const title = file.title === '' ? filename.replace(/\.mp3$/, '') : file.title;
  return (
    '<item>\n' +
    element('title', title) +
    (description === '' ? '' : element('description', description)) +
    `<enclosure${attribute('url', ofFile(filename))} length="${part.sizeBytes}" type="audio/mpeg"/>\n` +
    `<guid isPermaLink="false">${escapeText(guid)}</guid>\n` +
    element('pubDate', toRfc822(publishedAtMs)) +
    element('itunes:duration', String(Math.round(file.durationMs / 1000))) +
    (artist === undefined ? '' : element('itunes:author', artist)) +
    (file.coverKey === undefined ? '' : imageOf(ofFile(filename, '/cover'))) +
    (file.hasTranscript ? transcriptsOf(episodeLanguage(file.transcriptLanguage), filename, ofFile) : '') +
    (file.chapterCount === undefined || file.chapterCount === 0
      ? ''
      : `<podcast:chapters${attribute('url', ofFile(filename, '/chapters.json'))} type="${CHAPTERS_TYPE}"/>\n`) +
    '</item>\n'
  );
}

/** podcastindex.org: JSON chapters, version 1.2. */
export const CHAPTERS_TYPE = 'application/json+chapters';

const imageOf = (url: string): string => `<itunes:image${attribute('href', url)}/>\n`;

const episodeLanguage = (language: string | undefined): string =>
  language === undefined ? '' : attribute('language', language);

const transcriptsOf = (language: string, filename: string, ofFile: FeedUrls['ofFile']): string =>
  [
    ['vtt', 'text/vtt'],
    ['srt', 'application/x-subrip'],
  ]
    .map(([extension, type]) => {
      const url = ofFile(filename, `/transcript.${extension}`);
      return `<podcast:transcript${attribute('url', url)} type="${type}"${language}/>\n`;
    })
    .join('');

/** As RSS asks for (RFC 822 with years of four digits). */
const toRfc822 = (timeMs: number): string => new Date(timeMs).toUTCString();
