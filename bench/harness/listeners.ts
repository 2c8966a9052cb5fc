import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Listeners of streams that play at their own speed, one for each path. */
export interface ListenersLoad {
  readonly url: string;
  readonly paths: readonly string[];
  /** They come one after the other within this time. */
  readonly connectMs: number;
  readonly bytesPerSecond: number;
}

export interface ListenersResult {
  /** From a listener's request to the first byte of its audio; the median. */
  readonly firstByteMs: number;
  /** Looked at once a second: how often a listener had heard less than had played since its first byte. */
  readonly starvedSeconds: number;
  /** The least that any listener was ahead of its playing. */
  readonly leastAheadMs: number;
  readonly bytes: number;
}

/** Connects all listeners in a process of their own, and runs `whileListening` once the last of them hears something. */
export async function withListeners<Result>(
  load: ListenersLoad,
  whileListening: () => Promise<Result>,
): Promise<{ readonly heard: ListenersResult; readonly result: Result }> {
  const child = fork(join(import.meta.dirname, 'listeners-client.ts'));
  const failure = new Promise<never>((_, reject) => {
    child.once('exit', () => reject(new Error('The listeners died.')));
    child.on('message', (message: { error?: string }) => {
      if (message.error !== undefined) reject(new Error(message.error));
    });
  });
  const message = async (): Promise<unknown> => {
    const [first] = (await Promise.race([once(child, 'message'), failure])) as [unknown];
    return first;
  };
  child.send(load);
  await message();
  const result = await Promise.race([whileListening(), failure]);
  const heard = message();
  child.send('end');
  return { heard: (await heard) as ListenersResult, result };
}
