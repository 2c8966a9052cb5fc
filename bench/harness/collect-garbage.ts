import { once } from 'node:events';
import type { Program } from '../../test/e2e/program.ts';

/** For `openProgram`, so that the collector can be called. */
export const INSPECTABLE = { NODE_OPTIONS: '--inspect=127.0.0.1:0' };

/**
 * Makes the program collect its garbage, so that what it still holds can be told from what it would let go of when it
 * needs room.
 * @throws when it was not started with INSPECTABLE
 */
export async function collectGarbage({ output }: Program): Promise<void> {
  const address = /ws:\/\/\S+/.exec(output.stderr)?.[0];
  if (address === undefined) throw new Error('The program has no inspector.');
  const inspector = new WebSocket(address);
  await once(inspector, 'open');
  // The first finds what the second can give back.
  for (const id of [1, 2]) {
    inspector.send(JSON.stringify({ id, method: 'HeapProfiler.collectGarbage' }));
    await once(inspector, 'message');
  }
  inspector.close();
  await once(inspector, 'close');
}
