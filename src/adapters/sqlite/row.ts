import type { SQLOutputValue } from 'node:sqlite';
import type { Row } from './database.ts';
import { AppError } from '../../domain/app-error.ts';

// Tables are STRICT, so a column of the wrong type, or a row that is not there, means that this program asks for the
// wrong one.

export function text(row: Row | undefined, column: string): string {
  const value = cell(row, column);
  if (typeof value !== 'string') throw new AppError('internal', `The column ${column} holds no text.`);
  return value;
}

export function number(row: Row | undefined, column: string): number {
  const value = cell(row, column);
  if (typeof value !== 'number') throw new AppError('internal', `The column ${column} holds no number.`);
  return value;
}

export const flag = (row: Row | undefined, column: string): boolean => number(row, column) !== 0;

export const optionalText = (row: Row | undefined, column: string): string | undefined =>
  cell(row, column) === null ? undefined : text(row, column);

export const optionalNumber = (row: Row | undefined, column: string): number | undefined =>
  cell(row, column) === null ? undefined : number(row, column);

export function textOrNumber(row: Row | undefined, column: string): string | number {
  return typeof cell(row, column) === 'string' ? text(row, column) : number(row, column);
}

const cell = (row: Row | undefined, column: string): SQLOutputValue | undefined =>
  row?.cells[row.places.get(column) ?? -1];
