import type { StoredStream, StreamStore } from '../domain/stream.ts';
import type { StreamId } from './upcoming-streams.ts';

export interface ExpectedStreams {
  readonly streams: StreamStore;
  /**
   * Begins to read the definition that this request is going to ask for, beside whatever else it reads first. `null` for
   * a request of which nobody knows that yet.
   */
  readonly expect: (stream: StreamId | null) => void;
}

/**
 * For processes that answer one request at a time: what was read before a request came is never an answer to it, since
 * each request begins with `expect`.
 */
export function expectStreams(streams: StreamStore): ExpectedStreams {
  let expected: (StreamId & { readonly found: Promise<StoredStream | null> }) | null = null;
  return {
    streams: {
      ...streams,
      find(tenantId, name) {
        const before = expected;
        expected = null;
        if (before?.tenantId === tenantId && before.name === name) return before.found;
        return streams.find(tenantId, name);
      },
    },
    expect(stream) {
      expected = null;
      if (stream === null) return;
      const found = streams.find(stream.tenantId, stream.name);
      // Whoever asks for it is told; a request that is refused does not.
      found.catch(() => undefined);
      expected = { ...stream, found };
    },
  };
}
