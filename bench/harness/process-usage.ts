import { readdir, readFile } from 'node:fs/promises';

/** What a process and all that it has started have used. */
export interface TreeUsage {
  /** User and system, of processes that have ended and were waited for too. In steps of 10 ms. */
  readonly processorMs: number;
  /** Memory that is theirs: what several share counts for each by its share. */
  readonly memoryBytes: number;
}

/** The kernel counts in these, whatever its own clock (getconf CLK_TCK is 100 on every Linux that Node runs on). */
const MS_PER_TICK = 10;

/** Whether this system tells what a process uses. */
export const CAN_TELL_USAGE = process.platform === 'linux';

/** What to print where it does not. */
export const NO_USAGE = 'no /proc here: processor time and memory of other processes are not measured';

/** @throws where CAN_TELL_USAGE is false, and when the process has gone */
export async function readTreeUsage(pid: number): Promise<TreeUsage> {
  if (!CAN_TELL_USAGE) throw new Error(NO_USAGE);
  const members = await treeOf(pid);
  let processorMs = 0;
  let memoryBytes = 0;
  for (const { pid: member, ticks } of members) {
    processorMs += ticks * MS_PER_TICK;
    memoryBytes += await memoryOf(member);
  }
  return { processorMs, memoryBytes };
}

/** The most memory that this one process ever had, in bytes. */
export async function readPeakMemory(pid: number): Promise<number> {
  if (!CAN_TELL_USAGE) throw new Error(NO_USAGE);
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}

interface Member {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
}

async function treeOf(root: number): Promise<Member[]> {
  const all: Member[] = [];
  for (const name of await readdir('/proc')) {
    const pid = Number(name);
    const member = Number.isInteger(pid) ? await readMember(pid) : null;
    if (member !== null) all.push(member);
  }
  const tree = all.filter(({ pid }) => pid === root);
  if (tree.length === 0) throw new Error(`Process ${root} has gone.`);
  // Grows while it is walked: children of children are appended.
  for (const { pid } of tree) tree.push(...all.filter(({ parent }) => parent === pid));
  return tree;
}

/** proc(5): after the name, which may hold anything, state ppid … utime(14) stime(15) cutime(16) cstime(17). */
async function readMember(pid: number): Promise<Member | null> {
  const stat = await unlessEnded(readFile(`/proc/${pid}/stat`, 'utf8'));
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { pid, parent: Number(fields[1]), ticks };
}

async function memoryOf(pid: number): Promise<number> {
  const rollup = await unlessEnded(readFile(`/proc/${pid}/smaps_rollup`, 'utf8'));
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup ?? '')?.[1] ?? 0) * 1024;
}

/** Processes end while they are looked at. */
async function unlessEnded(reading: Promise<string>): Promise<string | null> {
  try {
    return await reading;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw error;
  }
}
