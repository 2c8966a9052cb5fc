import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import type { TracedRequest } from '../traces/trace.ts';

/** Of thousands of listeners not every byte is moved: what is looked up for an answer does not hang on its length. */
export const FEW_BYTES = 64 * 1024;

export interface Replayed {
  /** Of this answer, moved or not; of the object another service sends as many as the player wants. */
  readonly bytes: number;
  /** Led to the bucket, and asked there. */
  readonly wasLed: boolean;
}

const agent = new Agent({ keepAlive: true });

/**
 * Asks as a player was seen to, and takes as much as it did.
 * @throws when it is answered otherwise than the player was
 */
export async function replay(url: string, traced: TracedRequest, movesAll: boolean): Promise<Replayed> {
  const { range, fetchDest, status, takenBytes } = traced;
  const [, start] = /^bytes=(\d+)-/.exec(range ?? '') ?? [];
  const fewer =
    movesAll || status !== 206 || start === undefined
      ? range
      : `bytes=${start}-${Number(start) + FEW_BYTES - 1}`;
  const answer = await ask(url, {
    ...(fewer !== undefined && { range: fewer }),
    ...(fetchDest !== undefined && { 'sec-fetch-dest': fetchDest }),
  });
  if (answer.statusCode !== status)
    throw new Error(`${url} was answered ${answer.statusCode ?? 0}, and ${status} to the player.`);
  await take(answer, takenBytes);
  const { location } = answer.headers;
  if (location === undefined) return { bytes: takenBytes, wasLed: false };
  const object = await ask(location, { range: 'bytes=0-0' });
  if (object.statusCode !== 206) throw new Error(`The object was answered ${object.statusCode ?? 0}.`);
  await take(object, 1);
  return { bytes: takenBytes, wasLed: true };
}

async function ask(url: string, headers: Readonly<Record<string, string>>): Promise<IncomingMessage> {
  const outgoing = request(url, { agent, headers }).end();
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  return answer;
}

/** Goes away once it has enough, as players do. */
async function take(answer: IncomingMessage, bytes: number): Promise<void> {
  let taken = 0;
  for await (const chunk of answer) {
    taken += (chunk as Buffer).length;
    if (taken >= bytes && !answer.complete && bytes > 0) break;
  }
}
