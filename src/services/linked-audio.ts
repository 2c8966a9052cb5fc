import { framesToMs } from '../audio/frame-pace.ts';
import { AppError } from '../domain/app-error.ts';
import type { AudioFileState, QueuedFile } from '../domain/audio-file.ts';
import type { Caller } from '../domain/caller.ts';
import type { PlaybackTarget } from '../domain/credentials.ts';
import type { Page, PageRequest } from '../domain/page.ts';
import { orderTracks } from '../audio/track-order.ts';
import { isEndless, isShuffled } from '../domain/play-mode.ts';
import type { PlayMode } from '../domain/play-mode.ts';
import { getRecord } from './audio-files.ts';
import { authenticateLink } from './authenticate.ts';
import { authorizeBearer } from './authorize.ts';
import { coverOf } from './file-cover.ts';
import type { FileCover } from './file-cover.ts';
import { shownTitle } from './now-playing.ts';
import type { Ports } from './ports.ts';
import { listenerOfLink, listenerSeed, shuffleDay } from './shuffle-seed.ts';
import { getStoredStream } from './stored-stream.ts';
import { findFiles } from './stream-files.ts';

/** What a playback link opens, as its bearer is shown it: titles and times, and no more of the library. */
export interface LinkedAudio extends Pick<PlaybackTarget, 'kind' | 'name'> {
  readonly title: string;
  readonly playMode: PlayMode;
  /** Of the order of a shuffle; null where the queue's own order plays. */
  readonly seed: number | null;
  /** Of all tracks that are ready; null where the mode has no end. */
  readonly durationMs: number | null;
  readonly trackCount: number;
  /** In the order of the queue, whatever the mode. */
  readonly tracks: Page<LinkedTrack>;
}

export interface LinkedTrack {
  /** Its place in the queue. */
  readonly index: number;
  readonly title: string;
  /** `missing`: the queue names it, and the library has it no more. */
  readonly state: AudioFileState | 'missing';
  /** 0 unless it is ready. */
  readonly durationMs: number;
  /** When it begins, where those that are ready play one after the other in that order. Not rounded. */
  readonly startMs: number;
  readonly hasCover: boolean;
}

type LinkPorts = Pick<Ports, 'links' | 'secret' | 'streams' | 'audioFiles'>;

export interface LinkedRequest {
  readonly token: string;
  readonly page: PageRequest;
  /** Of a shuffle: as an earlier page told it; without it, that of the link and the day. */
  readonly seed?: number | undefined;
}

/**
 * A page of what the link of `token` opens. The token alone says so: who else is logged in does not matter.
 * @throws unauthorized for a link that is revoked, expired or forged; not_found when its target has gone
 */
export async function describeLinked(
  ports: LinkPorts & Pick<Ports, 'policy' | 'clock'>,
  caller: Caller | null,
  { token, page, seed: wantedSeed }: LinkedRequest,
): Promise<LinkedAudio> {
  const { kind, tenantId, name, title, playMode, files } = await openLinked(ports, caller, token);
  const seed = isShuffled(playMode) ? (wantedSeed ?? seedOfLink(ports, tenantId, name, token)) : null;
  const durationsMs = files.map(([, file]) => durationOf(file));
  const startsMs = startsOf(durationsMs, seed);
  const all = files.map(([filename, file], index): LinkedTrack => ({
    index,
    title: shownTitle(file ?? { title: '', filename }),
    // A file that is being replaced plays as it was.
    state: file?.part === undefined ? (file?.state ?? 'missing') : 'ready',
    durationMs: durationsMs[index] ?? 0,
    startMs: startsMs[index] ?? 0,
    hasCover: file?.coverKey !== undefined,
  }));
  const from = typeof page.after?.[0] === 'number' ? page.after[0] + 1 : 0;
  const items = all.slice(from, from + page.limit);
  const last = from + items.length - 1;
  return {
    kind,
    name,
    title,
    playMode,
    seed,
    durationMs: isEndless(playMode) ? null : durationsMs.reduce((sum, ms) => sum + ms, 0),
    trackCount: all.length,
    tracks: { items, ...(last < all.length - 1 && { next: [last] }) },
  };
}

const durationOf = (file: QueuedFile | undefined): number =>
  file?.part === undefined ? 0 : framesToMs(file.part.frameCount, file.part);

/** By place in the queue. A shuffle that has no end plays here as one that has, one turn through the queue. */
function startsOf(durationsMs: readonly number[], seed: number | null): readonly number[] {
  const starts: number[] = [];
  let startMs = 0;
  for (const place of orderTracks(durationsMs.length, seed === null ? 'sequential' : 'shuffle', seed ?? 0)) {
    starts[place] = startMs;
    startMs += durationsMs[place] ?? 0;
  }
  return starts;
}

/** The order in which the link's own address plays today. */
function seedOfLink(
  ports: Pick<Ports, 'secret' | 'policy' | 'clock'>,
  tenantId: string,
  name: string,
  token: string,
): number {
  const listener = listenerOfLink(token);
  return listenerSeed(ports, tenantId, name, listener, shuffleDay(ports.policy, ports.clock()));
}

/** The cover of one of its tracks. @throws as describeLinked; not_found without one; not_ready while that is not known */
export async function getLinkedCover(
  ports: LinkPorts & Pick<Ports, 'objects'>,
  caller: Caller | null,
  token: string,
  index: number,
): Promise<FileCover> {
  const target = await findTarget(ports, caller, token);
  const { kind, tenantId, name } = target;
  const filenames = kind === 'file' ? [name] : (await getStoredStream(ports, tenantId, name)).files;
  const filename = filenames[index];
  if (filename === undefined) throw new AppError('not_found', 'There is no track at this place.');
  return coverOf(ports, await getRecord(ports, tenantId, filename));
}

async function findTarget(
  ports: Pick<Ports, 'links' | 'secret'>,
  caller: Caller | null,
  token: string,
): Promise<PlaybackTarget> {
  // Whoever came by the link was found by it; beside an Authorization, and with AUTH=off, it has not been looked at.
  return authorizeBearer(caller?.link === undefined ? await authenticateLink(ports, token) : caller);
}

interface OpenedLink
  extends Pick<LinkedAudio, 'kind' | 'name' | 'title' | 'playMode'>, Pick<PlaybackTarget, 'tenantId'> {
  /** By name, as often as they are queued; without a record where there is none. */
  readonly files: readonly (readonly [string, QueuedFile | undefined])[];
}

async function openLinked(ports: LinkPorts, caller: Caller | null, token: string): Promise<OpenedLink> {
  const { kind, tenantId, name } = await findTarget(ports, caller, token);
  if (kind === 'file') {
    const file = await getRecord(ports, tenantId, name);
    return { kind, tenantId, name, title: shownTitle(file), playMode: 'sequential', files: [[name, file]] };
  }
  const stream = await getStoredStream(ports, tenantId, name);
  const found = await findFiles(ports, tenantId, stream.files);
  const files = stream.files.map((filename) => [filename, found.get(filename)] as const);
  return { kind, tenantId, name, title: stream.title ?? name, playMode: stream.playMode, files };
}
