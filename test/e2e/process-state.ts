import { once } from 'node:events';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Program } from './program.ts';

/** What a program holds at a moment, as the system and its own metrics tell it. */
export interface ProcessState {
  readonly openFiles: number;
  /** Timers, sockets, file system calls under way: by kind, those that there are none of left out. */
  readonly resources: Readonly<Record<string, number>>;
  readonly openRequests: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
}

/** For a program whose garbage is to be collected on demand. */
export const INSPECTABLE = { NODE_OPTIONS: '--inspect=127.0.0.1:0' } as const;

/** Linux only. The connection that asks is among the resources each time. */
export async function readProcessState(program: Program): Promise<ProcessState> {
  const metrics = await readMetrics(program);
  const resources = [...metrics.matchAll(/^nodejs_active_resources\{type="(\w+)"\} (\d+)$/gm)]
    .map(([, kind = '', count]) => [kind, Number(count)] as const)
    .filter(([, count]) => count > 0);
  const status = await readFile(`/proc/${program.pid}/status`, 'utf8');
  return {
    openFiles: await countOpenFiles(program),
    resources: Object.fromEntries(resources),
    openRequests: valueOf(metrics, 'earshot_http_open_requests'),
    residentBytes: Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024,
    heapBytes: valueOf(metrics, 'nodejs_heap_size_used_bytes'),
  };
}

/** Files, pipes and what else has a handle, but no sockets, which come and go with whoever asks. */
export async function countOpenFiles({ pid }: Pick<Program, 'pid'>): Promise<number> {
  const directory = `/proc/${pid}/fd`;
  const handles = await readdir(directory);
  // One that has been closed meanwhile is none.
  const targets = await Promise.all(
    handles.map((handle) => readlink(join(directory, handle)).catch(() => null)),
  );
  return targets.filter((target) => target !== null && !target.startsWith('socket:')).length;
}

/** One without labels. */
export const readMetric = async (program: Pick<Program, 'url'>, name: string): Promise<number> =>
  valueOf(await readMetrics(program), name);

/** Over a connection that is gone afterwards. */
async function readMetrics({ url }: Pick<Program, 'url'>): Promise<string> {
  const [answer] = (await once(get(`${url}/metrics`, { agent: false }), 'response')) as [IncomingMessage];
  return text(answer);
}

const valueOf = (metrics: string, name: string): number =>
  Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1] ?? NaN);

/** What is counted afterwards is held by somebody. Of an `INSPECTABLE` program, by the protocol of V8's inspector. */
export async function collectGarbage(program: Program): Promise<void> {
  const address = /Debugger listening on (ws:\S+)/.exec(program.output.stderr)?.[1];
  if (address === undefined) throw new Error('The program cannot be inspected.');
  const socket = new WebSocket(address);
  await once(socket, 'open');
  socket.send(JSON.stringify({ id: 1, method: 'HeapProfiler.collectGarbage' }));
  await once(socket, 'message');
  socket.close();
  await once(socket, 'close');
}
