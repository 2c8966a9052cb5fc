export interface CountProgress {
  /** `label` is what is being worked on. */
  readonly update: (done: number, label: string) => void;
  readonly finish: () => void;
}

/** For work whose end is not known before: a line that changes where a person watches, a line per step elsewhere. */
export function showCount(noun: string): CountProgress {
  const { isTTY } = process.stderr;
  return {
    update: (done, label) =>
      process.stderr.write(isTTY ? `\r\u001b[K${done} ${noun}  ${label}` : `${done} ${noun}  ${label}\n`),
    finish: () => {
      if (isTTY) process.stderr.write('\r\u001b[K');
    },
  };
}
