import type { TellProgress } from '../../services/portable-home.ts';

export interface PhaseProgress {
  readonly tell: TellProgress;
  /** Clears the line away where a person watches. */
  readonly finish: () => void;
}

const EVERY_MS = { person: 100, file: 5000 };

/** For work in phases: one line that changes where a person watches, a line every five seconds elsewhere. */
export function showPhases(clock: () => number): PhaseProgress {
  const { isTTY } = process.stderr;
  let last = { phase: '', atMs: 0 };
  return {
    tell: (phase, done, total) => {
      const isDue = clock() - last.atMs >= (isTTY ? EVERY_MS.person : EVERY_MS.file);
      if (phase === last.phase && !isDue) return;
      last = { phase, atMs: clock() };
      const text = `${phase}: ${phase.endsWith('objects') ? ofBytes(done, total) : String(done)}`;
      process.stderr.write(isTTY ? `\r\u001b[K${text}` : `${text}\n`);
    },
    finish: () => {
      if (isTTY) process.stderr.write('\r\u001b[K');
    },
  };
}

const ofBytes = (done: number, total: number): string =>
  total === 0 ? formatBytes(done) : `${Math.floor((done / total) * 100)} % of ${formatBytes(total)}`;

/** 1234567 → `1.2 MB` */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 ? String(value) : value.toFixed(1)} ${units[power] ?? ''}`;
}
