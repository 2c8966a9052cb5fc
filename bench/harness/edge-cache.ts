/** What a request to a shared cache came to. */
export interface EdgeAnswer {
  readonly text: string;
  readonly bytes: number;
  /** Until then it may be answered again. */
  readonly freshUntilMs: number;
}

/** Counted since the last look. */
export interface EdgeCounts {
  requests: number;
  bytes: number;
  originRequests: number;
  originBytes: number;
}

const MAX_ENTRIES = 100_000;

/**
 * A cache that all listeners share, as CloudFront stands in front of the function: by whole URLs, for as long as
 * Cache-Control lets it (RFC 9111, 5.2.2). Of audio only the length is kept. Requests for the same URL that come while
 * it is fetched wait for one answer.
 */
export class EdgeCache {
  readonly #origin: string;
  readonly #entries = new Map<string, EdgeAnswer>();
  #counts = noCounts();

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** @returns at once what is fresh. @throws when the origin answers with anything but 200 */
  get(path: string): EdgeAnswer | Promise<EdgeAnswer> {
    this.#counts.requests += 1;
    const held = this.#entries.get(path);
    if (held !== undefined && held.freshUntilMs > Date.now()) {
      this.#counts.bytes += held.bytes;
      return held;
    }
    return this.#fetch(path);
  }

  async #fetch(path: string): Promise<EdgeAnswer> {
    this.#counts.originRequests += 1;
    const response = await fetch(`${this.#origin}${path}`);
    const body = Buffer.from(await response.arrayBuffer());
    if (response.status !== 200)
      throw new Error(`${path} was answered ${response.status}: ${body.toString()}`);
    const isAudio = response.headers.get('content-type') === 'audio/mpeg';
    const answer: EdgeAnswer = {
      text: isAudio ? '' : body.toString(),
      bytes: body.length,
      freshUntilMs: Date.now() + lifetimeMs(response.headers.get('cache-control') ?? ''),
    };
    this.#counts.bytes += body.length;
    this.#counts.originBytes += body.length;
    if (this.#entries.size >= MAX_ENTRIES) this.#entries.clear();
    this.#entries.set(path, answer);
    return answer;
  }

  takeCounts(): EdgeCounts {
    const counts = this.#counts;
    this.#counts = noCounts();
    return counts;
  }

  forget(): void {
    this.#entries.clear();
  }
}

const noCounts = (): EdgeCounts => ({ requests: 0, bytes: 0, originRequests: 0, originBytes: 0 });

/** For a shared cache. */
function lifetimeMs(cacheControl: string): number {
  const directives = cacheControl.split(',').map((directive) => directive.trim());
  if (directives.some((directive) => ['private', 'no-store', 'no-cache'].includes(directive))) return 0;
  const maxAge = directives.find((directive) => directive.startsWith('max-age='));
  return maxAge === undefined ? 0 : Number(maxAge.slice('max-age='.length)) * 1000;
}
