import { createReadStream } from 'node:fs';
import { CsvError, parse, type Info } from 'csv-parse';
import { AppError } from '../../domain/app-error.ts';
import type { UserRow } from '../../services/import-user-rows.ts';
import { ConfigError } from '../config-error.ts';

const COLUMNS = ['username', 'email', 'password_hash', 'password', 'is_admin'];
/** Far more than a user takes: a quote that is never closed would make one row of the whole file. */
const MAX_ROW_LENGTH = 16_384;

interface Parsed {
  readonly info: Info;
  readonly record: Readonly<Record<string, string>>;
}

/**
 * The rows of a CSV file (RFC 4180, UTF-8) whose first one names the columns, one after the other.
 * @throws ConfigError for a file that cannot be read; invalid_input, with the line, for one that is no such CSV
 */
export async function* readUserCsv(path: string): AsyncGenerator<UserRow, void, undefined> {
  const parser = parse({
    bom: true,
    columns: checkColumns,
    info: true,
    max_record_size: MAX_ROW_LENGTH,
    relax_column_count: true,
    skip_empty_lines: true,
  });
  const source = createReadStream(path);
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    for await (const { info, record } of parser as AsyncIterable<Parsed>) {
      yield {
        line: info.lines,
        username: record['username'] ?? '',
        email: record['email'] ?? '',
        passwordHash: record['password_hash'] ?? '',
        password: record['password'] ?? '',
        isAdmin: record['is_admin'] ?? '',
      };
    }
  } catch (error) {
    throw translated(error, path);
  } finally {
    source.destroy();
  }
}

function checkColumns(header: readonly string[]): string[] {
  const names = header.map((name) => name.trim().toLowerCase());
  // Not quoted: where there is no header, it is a user, with a password.
  const unknown = names.findIndex((name) => !COLUMNS.includes(name));
  if (unknown >= 0) {
    throw new AppError('invalid_input', `Column ${unknown + 1} has no name that is known. ${EXPECTED}`);
  }
  if (new Set(names).size < names.length) {
    throw new AppError('invalid_input', `A column is named twice. ${EXPECTED}`);
  }
  if (!names.includes('username') || !(names.includes('password') || names.includes('password_hash'))) {
    throw new AppError(
      'invalid_input',
      `The first row does not name the columns that are needed. ${EXPECTED}`,
    );
  }
  return names;
}

const EXPECTED =
  'The first row is: username,email,password_hash,is_admin, or password in the place of password_hash.';

/** The parser's own messages quote what they found, which may be a password. */
function translated(error: unknown, path: string): unknown {
  if (error instanceof CsvError) {
    const line = typeof error['lines'] === 'number' ? `, line ${error['lines']}` : '';
    return new AppError('invalid_input', `${path}${line}: this is no CSV that can be read (${error.code}).`);
  }
  if (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    !(error instanceof AppError)
  ) {
    return new ConfigError(`${path} cannot be read (${error.code}).`);
  }
  return error;
}
