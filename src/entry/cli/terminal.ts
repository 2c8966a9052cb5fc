import { createInterface } from 'node:readline';
import cliProgress from 'cli-progress';
import { ConfigError } from '../config-error.ts';

export interface Progress {
  /** `done` of the total; `label` is what is being worked on. */
  update(done: number, label: string): void;
  finish(): void;
}

/** A bar where a person watches, a line per step where a file or a pipe does. */
export function showProgress(total: number, noun: string): Progress {
  if (!process.stderr.isTTY) {
    let last = '';
    return {
      update: (done, label) => {
        const line = `${Math.floor(done)}/${total} ${noun}  ${label}\n`;
        if (line !== last) process.stderr.write(line);
        last = line;
      },
      finish: () => {},
    };
  }
  const bar = new cliProgress.SingleBar(
    {
      format: `{bar} {percentage}% | {value}/{total} ${noun} | {eta_formatted} left | {label}`,
      hideCursor: true,
    },
    cliProgress.Presets.shades_classic,
  );
  bar.start(total, 0, { label: '' });
  return {
    update: (done, label) => bar.update(Math.round(done * 100) / 100, { label }),
    finish: () => bar.stop(),
  };
}

/**
 * Asks for a password without showing it; in a pipe, takes the first line. Never an argument: those are seen by
 * everybody on the machine and kept in the shell's history.
 */
export async function readPassword(prompt: string): Promise<string> {
  if (!process.stdin.isTTY) {
    for await (const line of createInterface({ input: process.stdin })) return line;
    throw new ConfigError('No password came on standard input.');
  }
  const first = await ask(prompt);
  if ((await ask('Once more: ')) !== first)
    throw new ConfigError('The two were not the same. Nothing was changed.');
  return first;
}

async function ask(prompt: string): Promise<string> {
  process.stderr.write(prompt);
  const input = process.stdin;
  input.setRawMode(true);
  input.setEncoding('utf8');
  let typed = '';
  try {
    for await (const chunk of input.iterator({ destroyOnReturn: false }) as AsyncIterable<string>) {
      for (const key of chunk) {
        if (key === '\r' || key === '\n') return typed;
        if (key === '\u0003') throw new ConfigError('Nothing was changed.');
        if (key === '\u007f' || key === '\b') typed = typed.slice(0, -1);
        else typed += key;
      }
    }
    return typed;
  } finally {
    input.setRawMode(false);
    input.pause();
    process.stderr.write('\n');
  }
}

/** Columns as wide as their widest cell; the last one as it is. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
        .join('  '),
    )
    .join('\n');
}

/** 3723.4 → `1:02:03`; 63 → `1:03`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const padded = (value: number) => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${padded(minutes)}:${padded(rest)}` : `${minutes}:${padded(rest)}`;
}
