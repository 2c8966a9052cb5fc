import type { Row } from './database.ts';
import { AppError } from '../../domain/app-error.ts';

// Tables are STRICT, so a column of the wrong type means that this program asks for the wrong column.

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new AppError('internal', `The column ${column} holds no text.`);
  return value;
}

export function number(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new AppError('internal', `The column ${column} holds no number.`);
  return value;
}

export const flag = (row: Row, column: string): boolean => number(row, column) !== 0;

export const optionalText = (row: Row, column: string): string | undefined =>
  row[column] === null ? undefined : text(row, column);

export const optionalNumber = (row: Row, column: string): number | undefined =>
  row[column] === null ? undefined : number(row, column);
