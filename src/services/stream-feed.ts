import { createHash } from 'node:crypto';
import type { AudioFile, PlayablePart } from '../domain/audio-file.ts';
import type { Caller } from '../domain/caller.ts';
import type { StoredStream } from '../domain/stream.ts';
import type { Ports } from './ports.ts';
import { getHeardStream } from './stream-file.ts';

/** A stream as a podcast: each file of its queue is an episode, once. */
export interface StreamFeed {
  readonly stream: StoredStream;
  /** Another one whenever the feed may be another. */
  readonly version: string;
  /** When it was last edited, as far as is known. */
  readonly updatedAtMs: number;
  /** In the order of the queue, those that can be played, a few at a time. */
  readEpisodes(): AsyncGenerator<readonly Episode[], void, undefined>;
}

export interface Episode {
  readonly file: AudioFile;
  readonly part: PlayablePart;
  /** The same for as long as the file is in the library, wherever that is. */
  readonly guid: string;
  /** Falls by a minute from episode to episode: players show the newest first. */
  readonly publishedAtMs: number;
}

/** Records that are read together; of a queue of thousands, these are all that is held. */
const EPISODES_AT_ONCE = 20;
const STEP_MS = 60_000;
/** For definitions of the predecessor: any time that stays the same. */
const UNKNOWN_MS = Date.UTC(2020, 0, 1);
const GUID_BYTES = 16;

/**
 * Opens the feed for whoever may hear the stream. Files that are still being taken in come when they are ready.
 * @throws as `getHeardStream`
 */
export async function openStreamFeed(
  ports: Pick<Ports, 'streams' | 'policy' | 'audioFiles'>,
  caller: Caller | null,
  streamName: string,
): Promise<StreamFeed> {
  const stream = await getHeardStream(ports, caller, streamName);
  // Told before any record is read, so that a write in between makes it another.
  const library = await ports.audioFiles.version();
  const { tenantId, name, updatedAtMs, storedAtMs, revision } = stream;
  const newestMs = updatedAtMs ?? storedAtMs ?? UNKNOWN_MS;
  const filenames = [...new Set(stream.files)];
  return {
    stream,
    version: JSON.stringify([tenantId, name, revision, library]),
    updatedAtMs: newestMs,
    async *readEpisodes() {
      for (let start = 0; start < filenames.length; start += EPISODES_AT_ONCE) {
        const batch = filenames.slice(start, start + EPISODES_AT_ONCE);
        const files = await Promise.all(batch.map((filename) => ports.audioFiles.find(tenantId, filename)));
        yield files.flatMap((file, index) =>
          file?.part === undefined
            ? []
            : [toEpisode(stream, file, file.part, newestMs - (start + index) * STEP_MS)],
        );
      }
    },
  };
}

const toEpisode = (
  { tenantId, name }: StoredStream,
  file: AudioFile,
  part: PlayablePart,
  publishedAtMs: number,
): Episode => {
  const named = JSON.stringify([tenantId, name, file.filename, file.createdAtMs]);
  const hash = createHash('sha256').update(named).digest().subarray(0, GUID_BYTES);
  return { file, part, guid: `urn:earshot:episode:${hash.toString('base64url')}`, publishedAtMs };
};
