import { ValidationError } from '../../domain/app-error.ts';
import type { AudioFile, AudioFileQuery } from '../../domain/audio-file.ts';
import type { Page } from '../../domain/page.ts';
import { fromAudioItem } from './dynamo-audio-item.ts';
import { audioKey, indexKeysOf, listPartition, PLACES, SORT_INDEXES } from './dynamo-audio-keys.ts';
import type { DynamoTable, Item } from './dynamo-table.ts';
import { compare } from './expression.ts';
import { text } from './item-fields.ts';

/**
 * A page of a tenant's files: one Query for each megabyte of it. Of one state, a Query of the small items that stand for
 * them in the index of the state, and a BatchGet for each hundred; who left the state between the two is left out, and
 * the page is as much shorter.
 */
export async function listAudioFiles(
  table: DynamoTable,
  tenantId: string,
  query: AudioFileQuery,
): Promise<Page<AudioFile>> {
  const { sort, state, limit } = query;
  const index = SORT_INDEXES[sort];
  const request = { index, partition: listPartition(tenantId, state), limit: limit + 1 };
  const items: Item[] = [];
  // One too many tells that there is a next page.
  for await (const item of table.queryAll({ ...request, sort: placeAfter(query) })) {
    items.push(item);
    if (items.length > limit) break;
  }
  const page = items.slice(0, limit);
  const files = state === undefined ? page.map(fromAudioItem) : await readRecords(table, page, query);
  const last = page.at(-1);
  return last === undefined || items.length <= limit
    ? { items: files }
    : { items: files, next: [text(last, `${index}SK`)] };
}

function placeAfter({ sort, after }: AudioFileQuery) {
  if (after === undefined) return undefined;
  const [place] = after;
  if (typeof place !== 'string' || !PLACES[sort].test(place)) {
    throw new ValidationError('cursor', 'This cursor is not of this list.');
  }
  return compare(`${SORT_INDEXES[sort]}SK`, '>', place);
}

async function readRecords(
  table: DynamoTable,
  entries: readonly Item[],
  { sort, state }: AudioFileQuery,
): Promise<AudioFile[]> {
  const keys = entries.map((entry) => audioKey(text(entry, 'tenant_id'), text(entry, 'filename')));
  const found = (await table.getMany(keys)).map(fromAudioItem);
  const files = new Map(found.map((file) => [file.filename, file]));
  const place = `${SORT_INDEXES[sort]}SK`;
  return entries.flatMap((entry) => {
    const file = files.get(text(entry, 'filename'));
    if (file === undefined || file.state !== state) return [];
    return indexKeysOf(file)[place] === entry[place] ? [file] : [];
  });
}
