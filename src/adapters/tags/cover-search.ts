import type { IPicture } from 'music-metadata';
import type { Cover } from '../../domain/cover.ts';
import { toCover } from '../../domain/cover.ts';

const MAX_PICTURES = 20;
const MAX_PICTURES_BYTES = 64 * 1024 * 1024;
const FRONT = /^(?:cover \(front\)|front|cover)$/i;

/** Looks at the pictures of a file one by one: the first that may be a cover, and rather a front cover. */
export class CoverSearch {
  /** What was found so far. */
  cover: Cover | null = null;
  #pictures = 0;
  #bytes = 0;

  /** @returns whether the search is over, be it found or too much */
  look({ data, type = '' }: IPicture): boolean {
    this.#pictures += 1;
    this.#bytes += data.length;
    const found = toCover(data);
    const isFront = FRONT.test(type);
    if (found !== null && (isFront || this.cover === null)) this.cover = found;
    return (found !== null && isFront) || this.#pictures >= MAX_PICTURES || this.#bytes >= MAX_PICTURES_BYTES;
  }
}
