import { lazy, type ComponentType } from 'react';
import { reach } from './reach.ts';

/**
 * A part of the page that is loaded later; where the server is away, once it is back, so that what is shown meanwhile
 * stays.
 */
export async function loadChunk<Chunk>(load: () => Promise<Chunk>): Promise<Chunk> {
  try {
    return await load();
  } catch {
    // Whatever it was, the second try tells it.
    reach.lost();
    await reach.back();
    return load();
  }
}

/** A component in a part of its own, which is loaded when it is first shown. */
export const lazyPart = <Props extends object>(load: () => Promise<ComponentType<Props>>) =>
  lazy(async () => ({ default: await loadChunk(load) }));
