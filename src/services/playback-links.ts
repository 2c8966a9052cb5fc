import { AppError, ValidationError } from '../domain/app-error.ts';
import type { Caller } from '../domain/caller.ts';
import type { PlaybackLink, PlaybackTarget } from '../domain/credentials.ts';
import { parseFilename } from '../domain/filename.ts';
import type { Page, PageRequest } from '../domain/page.ts';
import { parseStreamName } from '../domain/stream.ts';
import { getRecord } from './audio-files.ts';
import { authorize } from './authorize.ts';
import { linkToken } from './link-token.ts';
import type { Ports } from './ports.ts';
import { getStoredStream } from './stored-stream.ts';

/** A file or a stream, by its name in the caller's tenant. */
export type LinkTarget = Omit<PlaybackTarget, 'tenantId'>;

type LinkPorts = Pick<Ports, 'links' | 'audioFiles' | 'streams'>;

/**
 * @returns the token, which is shown now and never again, and the link
 * @throws not_found when there is nothing to open; invalid_input
 */
export async function createPlaybackLink(
  ports: LinkPorts & Pick<Ports, 'clock' | 'newId' | 'secret'>,
  caller: Caller | null,
  wanted: LinkTarget,
  expiresAtMs?: number,
): Promise<{ token: string; link: PlaybackLink }> {
  const { tenantId, userId } = authorize(caller, 'write');
  const target = await getTarget(ports, tenantId, wanted);
  const nowMs = ports.clock();
  if (expiresAtMs !== undefined && expiresAtMs <= nowMs) {
    throw new ValidationError('expires_at', 'This time has passed.');
  }
  const link: PlaybackLink = {
    ...target,
    id: ports.newId(),
    createdBy: userId,
    createdAtMs: nowMs,
    expiresAtMs,
  };
  await ports.links.create(link);
  return { token: linkToken(ports.secret, link), link };
}

/** Newest first, without their tokens. @throws not_found */
export async function listPlaybackLinks(
  ports: LinkPorts,
  caller: Caller | null,
  wanted: LinkTarget,
  page: PageRequest,
): Promise<Page<PlaybackLink>> {
  const { tenantId } = authorize(caller, 'read');
  return ports.links.listByTarget(await getTarget(ports, tenantId, wanted), page);
}

/** Revokes it at once, for every user of the tenant. @throws not_found */
export async function deletePlaybackLink(
  ports: LinkPorts,
  caller: Caller | null,
  wanted: LinkTarget,
  id: string,
): Promise<void> {
  const { tenantId } = authorize(caller, 'write');
  const target = await getTarget(ports, tenantId, wanted);
  if (!(await ports.links.delete(target, id))) {
    throw new AppError('not_found', `This ${wanted.kind} has no link of this id.`);
  }
}

async function getTarget(ports: LinkPorts, tenantId: string, wanted: LinkTarget): Promise<PlaybackTarget> {
  const { kind } = wanted;
  const name = kind === 'file' ? parseFilename(wanted.name) : parseStreamName(wanted.name);
  if (kind === 'file') await getRecord(ports, tenantId, name);
  else await getStoredStream(ports, tenantId, name);
  return { kind, tenantId, name };
}
