/*
 * What lies where in the object store. Content decides the keys of playable parts and originals, so that what is there
 * already need not be written again; a playable part is never overwritten.
 */

const UPLOAD = /^uploads\/([A-Za-z0-9_-]+)(?:\.(?:checkpoint|spoken|text))?$/;
const PLAYABLE = /^playable\/([0-9a-f]+)\.mp3$/;

export const UPLOAD_PREFIX = 'uploads/';
export const PLAYABLE_PREFIX = 'playable/';
const MADE_PREFIX = 'made/';
const ORIGINAL_PREFIX = 'originals/';

/** Of all objects that players are led to, and may read under an address that is signed for them. */
export const PLAYED_PREFIXES = [PLAYABLE_PREFIX, MADE_PREFIX, ORIGINAL_PREFIX] as const;

/** A file as it came, until the request that takes it in has ended. */
export const uploadKey = (requestId: string): string => `${UPLOAD_PREFIX}${requestId}`;

/** What was declared of an upload that comes in parts, until it is complete. Not a name that `uploadKey` can give. */
export const uploadRecordKey = (requestId: string): string => `${UPLOAD_PREFIX}${requestId}.json`;

/** What an ingest has behind it, until it has ended. Not a name that `uploadKey` can give. */
export const checkpointKey = (requestId: string): string => `${UPLOAD_PREFIX}${requestId}.checkpoint`;

/** The request that an upload, or what is kept beside it, waits for; null for anything else. */
export const requestIdOfUpload = (key: string): string | null => UPLOAD.exec(key)?.[1] ?? null;

/** A playable part. */
export const playableKey = (sha256: string): string => `${PLAYABLE_PREFIX}${sha256}.mp3`;

/** The frame index of a playable part, by the hash of the part. */
export const frameIndexKey = (sha256: string): string => `index/${sha256}`;

/** The peaks of a playable part, by the hash of the part. */
export const waveformKey = (sha256: string): string => `waveforms/${sha256}`;

/** A transcript, by the hash of the object. */
export const transcriptKey = (sha256: string): string => `transcripts/${sha256}.json`;

/** The MP3 of a whole stream, by the entity tag of its plan, for homes whose answers are bounded. */
export const madeKey = (etag: string): string => `${MADE_PREFIX}${etag}.mp3`;

/** A queue that a stream's schedule still names though it was edited, by the hash of the object. */
export const scheduledQueueKey = (sha256: string): string => `queues/${sha256}.json`;
export const isScheduledQueueKey = (key: string): boolean => /^queues\/[0-9a-f]{64}\.json$/.test(key);

/** The hash in the key of a playable part; null for any other key. */
export const sha256OfPlayable = (key: string): string | null => PLAYABLE.exec(key)?.[1] ?? null;

/** A file as it was uploaded, for as long as a record names it. `extension` as `originalExtension` gives it. */
export const originalKey = (sha256: string, extension: string): string =>
  `${ORIGINAL_PREFIX}${sha256}.${extension}`;
