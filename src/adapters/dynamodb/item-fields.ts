import { AppError } from '../../domain/app-error.ts';
import type { Item } from './dynamo-table.ts';

// An attribute of another type than the program writes means damaged data, not a mistake of whoever asks.

export function text(item: Item, name: string): string {
  const value = item[name];
  if (typeof value !== 'string') throw new AppError('internal', `The attribute ${name} holds no text.`);
  return value;
}

export function number(item: Item, name: string): number {
  const value = item[name];
  if (typeof value !== 'number') throw new AppError('internal', `The attribute ${name} holds no number.`);
  return value;
}

/** Absent and NULL are the same. */
export const optionalText = (item: Item, name: string): string | undefined =>
  (item[name] ?? undefined) === undefined ? undefined : text(item, name);

export const optionalNumber = (item: Item, name: string): number | undefined =>
  (item[name] ?? undefined) === undefined ? undefined : number(item, name);

/** As all dates of the table are written: ISO 8601 with `+00:00`. */
export const isoDate = (ms: number): string => new Date(ms).toISOString().replace('Z', '+00:00');

/** Dates that older programs wrote may lack the offset; they mean UTC. */
export function dateMs(item: Item, name: string): number {
  const value = text(item, name);
  const ms = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/i.test(value) ? value : `${value}Z`);
  if (Number.isNaN(ms)) throw new AppError('internal', `The attribute ${name} holds no date.`);
  return ms;
}

export const optionalDateMs = (item: Item, name: string): number | undefined =>
  (item[name] ?? undefined) === undefined ? undefined : dateMs(item, name);
