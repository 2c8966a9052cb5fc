import { createHash } from 'node:crypto';
import { AppError } from '../../domain/app-error.ts';
import { isPlayMode } from '../../domain/play-mode.ts';
import type { StoredStream, StreamDefinition } from '../../domain/stream.ts';
import { decodeSchedule, encodeSchedule } from '../../domain/stream-schedule.ts';
import type { StreamSchedule } from '../../domain/stream-schedule.ts';
import { DEFAULT_TENANT } from '../../domain/tenant.ts';
import type { Item, ItemKey } from './dynamo-table.ts';
import { expiring } from './expiry.ts';
import { isoDate, optionalDateMs, optionalNumber, optionalText, text } from './item-fields.ts';
import { itemKey, ofTenant } from './keys.ts';

export const streamKey = (tenantId: string, name: string): ItemKey =>
  itemKey(ofTenant(tenantId, `STREAM#${name}`), 'DEFINITION');

/** In GSI1: all streams of a tenant, by name. */
export const streamsPartition = (tenantId: string): string => ofTenant(tenantId, 'STREAMS');

/** `loop` is what an older program reads; it is true for the mode `loop` alone. */
export function toStreamItem(stream: StreamDefinition, revision: string): Item {
  return {
    ...streamKey(stream.tenantId, stream.name),
    GSI1PK: streamsPartition(stream.tenantId),
    GSI1SK: stream.name,
    tenant_id: stream.tenantId,
    name: stream.name,
    revision,
    title: stream.title,
    files: stream.files,
    loop: stream.playMode === 'loop',
    play_mode: stream.playMode,
    persistence: stream.persistence,
    session_id: stream.sessionId,
    created_by: stream.createdBy,
    updated_at: stream.updatedAtMs === undefined ? undefined : isoDate(stream.updatedAtMs),
    schedule: stream.schedule && encodeSchedule(stream.schedule),
    ...expiring(stream.expiresAtMs),
  };
}

/**
 * Reads what `toStreamItem` wrote, and what an older program wrote: exactly `name`, `files` and `loop`.
 * @throws internal for an item that is no definition
 */
export function fromStreamItem(item: Item): StoredStream {
  const files = item['files'];
  if (!Array.isArray(files) || !files.every((file) => typeof file === 'string')) {
    throw new AppError('internal', 'The item of a stream holds no list of file names.');
  }
  const playMode = optionalText(item, 'play_mode') ?? (item['loop'] === true ? 'loop' : 'sequential');
  if (!isPlayMode(playMode)) throw new AppError('internal', 'The item of a stream has no known play mode.');
  return {
    tenantId: optionalText(item, 'tenant_id') ?? DEFAULT_TENANT,
    name: text(item, 'name'),
    title: optionalText(item, 'title'),
    files,
    playMode,
    persistence: optionalText(item, 'persistence') === 'session' ? 'session' : 'permanent',
    expiresAtMs: optionalNumber(item, 'expires_at_ms'),
    sessionId: optionalText(item, 'session_id'),
    createdBy: optionalText(item, 'created_by'),
    updatedAtMs: optionalDateMs(item, 'updated_at'),
    ...scheduleOf(item['schedule']),
    revision: optionalText(item, 'revision') ?? contentRevision([files, item['loop'] === true]),
  };
}

function scheduleOf(value: unknown): { schedule?: StreamSchedule } {
  if (value === undefined) return {};
  const schedule = decodeSchedule(value);
  if (schedule === null)
    throw new AppError('internal', 'The item of a stream holds no schedule under its name.');
  return { schedule };
}

/** Another one whenever the content is another. */
export const contentRevision = (content: unknown): string =>
  createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 32);
