/** One line of a bench's table. */
export interface Measure {
  readonly name: string;
  readonly ours: string;
  readonly peer?: string;
  /** What is compared with the target, where that is not a ratio also in words of `ours`. */
  readonly value?: number;
  readonly target?: Target;
}

export interface Target {
  readonly bound: 'at least' | 'at most';
  readonly limit: number;
  /** `x` for a ratio; otherwise a unit, in which `value` is then given. */
  readonly unit: string;
}

export const atLeast = (limit: number, unit = 'x'): Target => ({ bound: 'at least', limit, unit });
export const atMost = (limit: number, unit = 'x'): Target => ({ bound: 'at most', limit, unit });

export function isMet({ value, target }: Measure): boolean {
  if (value === undefined || target === undefined) return true;
  return target.bound === 'at least' ? value >= target.limit : value <= target.limit;
}

/** A table in Markdown, so that what is printed can be put into a page as it is. */
export function formatTable(title: string, measures: readonly Measure[]): string {
  const head = ['measure', 'ours', 'peer', 'ratio', 'target', 'verdict'];
  const rows = measures.map((measure) => {
    const { name, ours, peer = '', value, target } = measure;
    const isRatio = target === undefined || target.unit === 'x';
    return [
      name,
      ours,
      peer,
      value === undefined || !isRatio ? '' : `${value.toFixed(2)}x`,
      target === undefined ? '' : `${target.bound} ${target.limit}${isRatio ? 'x' : ` ${target.unit}`}`,
      value === undefined || target === undefined ? '' : isMet(measure) ? 'met' : 'missed',
    ];
  });
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [`\n## ${title}\n`, line(head), rule, ...rows.map(line), ''].join('\n');
}
