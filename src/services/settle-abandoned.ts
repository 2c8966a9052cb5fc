import { isAppError } from '../domain/app-error.ts';
import type { PageKey } from '../domain/page.ts';
import { isFinal } from '../domain/request.ts';
import { eachTenant } from './each-tenant.ts';
import type { Ports } from './ports.ts';

const PAGE_SIZE = 100;

type SettlePorts = Pick<Ports, 'audioFiles' | 'clock' | 'log' | 'queue'>;

/** Those of every tenant. One that has no user any more has nobody who could see them. */
export async function settleAllAbandoned(
  ports: SettlePorts & Pick<Ports, 'users'>,
  signal?: AbortSignal,
): Promise<void> {
  for await (const tenantId of eachTenant(ports, signal)) await settleAbandoned(ports, tenantId);
}

/**
 * Marks as `failed` the records of a tenant whose audio will never come, because their request has ended without
 * them: a worker that dies each time it takes a request up has no chance to say so itself.
 *
 * @returns how many there were
 */
export async function settleAbandoned(ports: SettlePorts, tenantId: string): Promise<number> {
  let settled = 0;
  let after: PageKey | undefined;
  do {
    const page = await ports.audioFiles.list(tenantId, {
      sort: 'name',
      state: 'processing',
      limit: PAGE_SIZE,
      after,
    });
    for (const file of page.items) {
      const request = file.requestId === undefined ? null : await ports.queue.find(file.requestId);
      if (request !== null && !isFinal(request.status)) continue;
      const error = request?.error?.message ?? 'The work on this file was never finished. Upload it again.';
      try {
        await ports.audioFiles.save(
          { ...file, state: 'failed', error, updatedAtMs: ports.clock() },
          file.revision,
        );
        settled += 1;
        ports.log.warn({ filename: file.filename, requestId: file.requestId }, 'a file was given up');
      } catch (error) {
        // Somebody has just changed or deleted it: then it is theirs.
        if (!isAppError(error, 'conflict') && !isAppError(error, 'not_found')) throw error;
      }
    }
    after = page.next;
  } while (after !== undefined);
  return settled;
}
