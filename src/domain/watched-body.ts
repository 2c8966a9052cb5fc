import { throwIfAborted } from './abort.ts';

export interface WatchedBody {
  readonly chunks: AsyncGenerator<Uint8Array, void, undefined>;
  /** What the body itself failed with. */
  readonly failure: { readonly error: unknown } | undefined;
}

/**
 * Hands a body to something that fails in ways of its own, and tells afterwards whether it was the body: a taker that fails
 * throws its error into the generator, in place of asking for more.
 */
export function watchBody(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  signal?: AbortSignal,
): WatchedBody {
  let failure: WatchedBody['failure'];
  const chunks = async function* () {
    let isLent = false;
    try {
      for await (const chunk of body) {
        throwIfAborted(signal);
        isLent = true;
        yield chunk;
        isLent = false;
      }
    } catch (error) {
      if (!isLent) failure = { error };
      throw error;
    }
  };
  return {
    chunks: chunks(),
    get failure() {
      return failure;
    },
  };
}
