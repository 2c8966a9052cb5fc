import type { StreamDefinition } from '../domain/stream.ts';

export type StreamId = Pick<StreamDefinition, 'tenantId' | 'name'>;

/** Streams that were just written, and that somebody may hear soon: for whoever has the time to read ahead. */
export interface UpcomingStreams {
  /** Nothing happens where there are as many already: a listener finds out whatever was not prepared. */
  expect(stream: StreamId): void;
  /** All of them, each once; from then on they are not waited for any more. */
  take(): StreamId[];
}

const MAX_STREAMS = 1000;

export function createUpcomingStreams(maxStreams = MAX_STREAMS): UpcomingStreams {
  const expected = new Map<string, StreamId>();
  return {
    expect({ tenantId, name }) {
      if (expected.size < maxStreams) expected.set(`${tenantId}/${name}`, { tenantId, name });
    },

    take() {
      const taken = [...expected.values()];
      expected.clear();
      return taken;
    },
  };
}
