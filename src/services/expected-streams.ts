import type { AudioFileStore } from '../domain/audio-file.ts';
import type { StoredStream, StreamStore } from '../domain/stream.ts';
import type { StreamId } from './upcoming-streams.ts';

export interface ExpectedStreams {
  readonly streams: StreamStore;
  readonly audioFiles: AudioFileStore;
  /**
   * Begins to read what this request is going to ask for, its definition and the version of the library, beside
   * whatever else it reads first. `null` for a request of which nobody knows that yet.
   */
  readonly expect: (stream: StreamId | null) => void;
}

interface Expected extends StreamId {
  readonly found: Promise<StoredStream | null>;
}

/**
 * For processes that answer one request at a time: what was read before a request came is never an answer to it, since
 * each request begins with `expect`, and each answer is given once.
 */
export function expectStreams(streams: StreamStore, audioFiles: AudioFileStore): ExpectedStreams {
  let expected: Expected | null = null;
  let version: Promise<string> | null = null;
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
    audioFiles: {
      ...audioFiles,
      version() {
        const before = version;
        version = null;
        return before ?? audioFiles.version();
      },
    },
    expect(stream) {
      expected = null;
      version = null;
      if (stream === null) return;
      const found = streams.find(stream.tenantId, stream.name);
      const told = audioFiles.version();
      // Whoever asks for it is told; a request that is refused does not.
      found.catch(() => undefined);
      told.catch(() => undefined);
      expected = { ...stream, found };
      version = told;
    },
  };
}
