import type { Carried } from '../../domain/portable-record.ts';
import type { JsonValue } from '../../domain/request.ts';
import type { Row } from './database.ts';
import { optionalText } from './row.ts';

/** Of a row that `attributes_json` was joined to. */
export function carriedOf(row: Row): Carried {
  const json = optionalText(row, 'attributes_json');
  return json === undefined ? {} : { carried: JSON.parse(json) as Record<string, JsonValue> };
}
