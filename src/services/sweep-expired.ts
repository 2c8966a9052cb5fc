import { requestIdOfUpload, UPLOAD_PREFIX } from '../domain/object-key.ts';
import { isFinal } from '../domain/request.ts';
import { DEBUG_PREFIX, KEEP_DEBUG_MS } from './debug-files.ts';
import { HEARD_PREFIX } from './heard-cache.ts';
import { RESULT_PREFIX } from './kept-result.ts';
import type { Ports } from './ports.ts';

type SessionPorts = Pick<Ports, 'sessions' | 'users' | 'streams' | 'clock'>;
type UploadPorts = Pick<Ports, 'objects' | 'queue' | 'clock' | 'log'>;

/** Shares of one run; what is left has its turn in the next. */
const MAX_SESSIONS = 100;
const MAX_RECORDS = 1000;
const MAX_UPLOAD_PAGES = 20;
const UPLOADS_PER_PAGE = 100;

const KEEP_REQUESTS_MS = 7 * 24 * 3_600_000;
const KEEP_UPLOADS_MS = 24 * 3_600_000;
/** What Amazon Transcribe reads and writes; whoever asks for it removes it, unless killed. */
const TRANSCRIBE_PREFIX = 'transcribe/';
/** Written before its request ended, which may have taken a day. */
const KEEP_RESULTS_MS = KEEP_REQUESTS_MS + 24 * 3_600_000;
/** Of a sweep once an hour. */
const MAX_EXPIRING_PAGES = 1000;

/** Deletes expired sessions; their session streams go first, so that a crash in between leaves none behind. */
export async function sweepSessions(ports: SessionPorts): Promise<void> {
  for (const session of await ports.sessions.listExpired(ports.clock(), MAX_SESSIONS)) {
    // Whoever deletes a user ends the sessions with their streams.
    const user = await ports.users.findById(session.userId);
    if (user !== null) await ports.streams.deleteBySession(user.tenantId, session.id);
    await ports.sessions.delete(session.id);
  }
}

/** Deletes the records of executions under an `Idempotency-Key`, and of requests, that nobody asks for any more. */
export async function sweepRecords(ports: Pick<Ports, 'idempotency' | 'queue' | 'clock'>): Promise<void> {
  const nowMs = ports.clock();
  await ports.idempotency.deleteExpired(nowMs, MAX_RECORDS);
  await ports.queue.deleteEnded(nowMs - KEEP_REQUESTS_MS, MAX_RECORDS);
}

/** Deletes API keys and playback links that have counted as gone since they expired. */
export async function sweepCredentials(ports: Pick<Ports, 'apiKeys' | 'links' | 'clock'>): Promise<void> {
  const nowMs = ports.clock();
  await ports.apiKeys.deleteExpired(nowMs, MAX_RECORDS);
  await ports.links.deleteExpired(nowMs, MAX_RECORDS);
}

/** Deletes uploads of requests that have come to their end, and those of the day before that no open request is about to
 * take in: what a crash has left. */
export async function sweepUploads(ports: UploadPorts): Promise<void> {
  const beforeMs = ports.clock() - KEEP_UPLOADS_MS;
  let page = await ports.objects.list(UPLOAD_PREFIX, { limit: UPLOADS_PER_PAGE });
  for (let pages = 1; ; pages += 1) {
    for (const { key, modifiedAtMs } of page.items) {
      if (!(await isLeftOver(ports, key, modifiedAtMs < beforeMs))) continue;
      await ports.objects.delete(key);
      ports.log.info({ key }, 'an upload that was never taken in is deleted');
    }
    if (page.next === undefined || pages === MAX_UPLOAD_PAGES) return;
    page = await ports.objects.list(UPLOAD_PREFIX, { limit: UPLOADS_PER_PAGE, after: page.next });
  }
}

/** Deletes objects that have had their time: results, some time after the requests that they belong to, debug files,
 * what was heard in recordings, and what an engine was given. */
export async function sweepExpiringObjects(
  ports: Pick<Ports, 'objects' | 'clock' | 'policy'>,
): Promise<void> {
  await sweepPrefix(ports, RESULT_PREFIX, KEEP_RESULTS_MS);
  await sweepPrefix(ports, DEBUG_PREFIX, KEEP_DEBUG_MS);
  await sweepPrefix(ports, HEARD_PREFIX, ports.policy.speech.cacheTtlMs);
  await sweepPrefix(ports, TRANSCRIBE_PREFIX, KEEP_UPLOADS_MS);
}

async function sweepPrefix(
  { objects, clock }: Pick<Ports, 'objects' | 'clock'>,
  prefix: string,
  keepMs: number,
): Promise<void> {
  const beforeMs = clock() - keepMs;
  let page = await objects.list(prefix, { limit: UPLOADS_PER_PAGE });
  for (let pages = 1; ; pages += 1) {
    for (const { key, modifiedAtMs } of page.items) {
      if (modifiedAtMs < beforeMs) await objects.delete(key);
    }
    if (page.next === undefined || pages === MAX_EXPIRING_PAGES) return;
    page = await objects.list(prefix, { limit: UPLOADS_PER_PAGE, after: page.next });
  }
}

/** Aborts direct uploads of the day before that nobody has gone on with. Their addresses have long expired. */
export async function sweepDirectUploads(
  ports: Pick<Ports, 'directUploads' | 'clock' | 'log'>,
): Promise<void> {
  const count = await ports.directUploads.sweep(ports.clock() - KEEP_UPLOADS_MS);
  if (count > 0) ports.log.info({ count }, 'direct uploads that were never completed are deleted');
}

/** A failed request may be begun anew, for a day; one that is unknown may be about to come. */
async function isLeftOver(ports: Pick<Ports, 'queue'>, key: string, isOld: boolean): Promise<boolean> {
  const requestId = requestIdOfUpload(key);
  const request = requestId === null ? null : await ports.queue.find(requestId);
  if (request?.status === 'COMPLETED' || request?.status === 'CANCELLED') return true;
  return isOld && (request === null || isFinal(request.status));
}
