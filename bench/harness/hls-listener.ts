import type { EdgeAnswer, EdgeCache } from './edge-cache.ts';

/** Segments before the end of the list at which a player begins: RFC 8216, 6.3.3. */
const FROM_END = 3;

interface ListedSegments {
  readonly targetMs: number;
  readonly first: number;
  /** Paths, in order. */
  readonly segments: readonly string[];
}

/** Thousands of listeners read the same answer. */
const listed = new WeakMap<EdgeAnswer, ListedSegments>();

/**
 * A player of HTTP Live Streaming, as RFC 8216 has it and as ffmpeg was seen to do it: reads the playlist once in each
 * target duration, and each segment once.
 */
export class HlsListener {
  readonly #edge: EdgeCache;
  readonly #path: string;
  /** The number of the segment that it fetches next. */
  #next: number | null = null;

  constructor(edge: EdgeCache, path: string) {
    this.#edge = edge;
    this.#path = path;
  }

  /**
   * Reads the playlist, and what is new in it.
   * @returns when it does so next, from now
   * @throws when a segment is not there, or was missed
   */
  async goOn(): Promise<number> {
    const answer = this.#edge.get(this.#path);
    const playlist = answer instanceof Promise ? await answer : answer;
    const { targetMs, first, segments } = readSegments(playlist, this.#path);
    const end = first + segments.length;
    this.#next ??= end - FROM_END;
    if (this.#next < first) throw new Error(`Segment ${this.#next} of ${this.#path} was missed.`);
    for (; this.#next < end; this.#next += 1) {
      const segment = this.#edge.get(segments[this.#next - first] ?? '');
      if (segment instanceof Promise) await segment;
    }
    return targetMs;
  }
}

function readSegments(playlist: EdgeAnswer, path: string): ListedSegments {
  const known = listed.get(playlist);
  if (known !== undefined) return known;
  const lines = playlist.text.split('\n');
  const valueOf = (tag: string): number => {
    const line = lines.find((each) => each.startsWith(`${tag}:`));
    if (line === undefined) throw new Error(`The playlist ${path} has no ${tag}.`);
    return Number(line.slice(tag.length + 1));
  };
  const base = new URL(path, 'http://edge');
  const read: ListedSegments = {
    targetMs: valueOf('#EXT-X-TARGETDURATION') * 1000,
    first: valueOf('#EXT-X-MEDIA-SEQUENCE'),
    segments: lines
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => new URL(line, base))
      .map(({ pathname, search }) => `${pathname}${search}`),
  };
  listed.set(playlist, read);
  return read;
}
