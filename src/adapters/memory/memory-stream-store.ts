import { createHash } from 'node:crypto';
import { AppError } from '../../domain/app-error.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Page } from '../../domain/page.ts';
import { checkQueueSize } from '../../domain/stream.ts';
import type { StoredStream, StreamDefinition, StreamStore } from '../../domain/stream.ts';

/** Stream definitions that go with the process: for tests, and where no directory can be written. */
export function createMemoryStreamStore(clock: Clock): StreamStore {
  const tenants = new Map<string, Map<string, StoredStream>>();

  /** The tenant's streams; what has expired is dropped on the way. */
  function streamsOf(tenantId: string): Map<string, StoredStream> {
    const streams = tenants.get(tenantId) ?? new Map<string, StoredStream>();
    const nowMs = clock();
    for (const [name, { expiresAtMs }] of streams) {
      if (expiresAtMs !== undefined && expiresAtMs <= nowMs) streams.delete(name);
    }
    return streams;
  }

  return {
    async find(tenantId, name) {
      return streamsOf(tenantId).get(name) ?? null;
    },

    async list(tenantId, { limit, after }) {
      const lastName = after?.[0];
      const names = [...streamsOf(tenantId).keys()].sort();
      const start = typeof lastName === 'string' ? names.findIndex((name) => name > lastName) : 0;
      if (start < 0) return { items: [] };
      const streams = streamsOf(tenantId);
      const items = names.slice(start, start + limit).flatMap((name) => streams.get(name) ?? []);
      const last = items.at(-1);
      const page: Page<StoredStream> = { items };
      return last === undefined || start + limit >= names.length ? page : { ...page, next: [last.name] };
    },

    async save(stream, expected) {
      checkQueueSize(stream.files);
      const streams = streamsOf(stream.tenantId);
      checkRevision(streams.get(stream.name), expected);
      const stored = { ...stream, files: [...stream.files], revision: revisionOf(stream) };
      streams.set(stream.name, stored);
      tenants.set(stream.tenantId, streams);
      return stored;
    },

    async delete(tenantId, name, expected) {
      const streams = streamsOf(tenantId);
      checkRevision(streams.get(name), expected);
      return streams.delete(name);
    },

    async listUsing(tenantId, filename, limit) {
      const using = streamsOf(tenantId)
        .values()
        .filter((stream) => stream.files.includes(filename));
      return [...using.take(limit).map((stream) => stream.name)];
    },

    async deleteBySession(tenantId, sessionId) {
      const streams = streamsOf(tenantId);
      for (const stream of [...streams.values()]) {
        if (stream.persistence === 'session' && stream.sessionId === sessionId) streams.delete(stream.name);
      }
    },
  };
}

function checkRevision(stored: StoredStream | undefined, expected: string | null | undefined): void {
  if (expected === undefined || (stored?.revision ?? null) === expected) return;
  throw new AppError('precondition_failed', 'The stream was changed in the meantime.');
}

function revisionOf(stream: StreamDefinition): string {
  return createHash('sha256').update(JSON.stringify(stream)).digest('hex').slice(0, 32);
}
