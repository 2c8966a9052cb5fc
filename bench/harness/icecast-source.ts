import { once } from 'node:events';
import { connect } from 'node:net';
import { ICECAST_PASSWORD } from './peers.ts';

const TICK_MS = 100;

/** Feeds a mount of Icecast at playing speed, `mp3` over and over, as a source client would. */
export async function feedIcecast(
  url: string,
  mount: string,
  mp3: Uint8Array,
  bytesPerSecond: number,
): Promise<{ stop(): void }> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  const credentials = Buffer.from(`source:${ICECAST_PASSWORD}`).toString('base64');
  socket.write(
    `SOURCE ${mount} HTTP/1.0\r\nAuthorization: Basic ${credentials}\r\nContent-Type: audio/mpeg\r\n\r\n`,
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  if (!answer.toString('latin1').includes(' 200 ')) throw new Error(`Icecast refused: ${answer.toString()}`);
  let failure: Error | undefined;
  socket.on('error', (error) => (failure = error));
  const startedAtMs = performance.now();
  // What Icecast gives to those who come: its burst.
  let sentBytes = -8 * bytesPerSecond;
  const timer = setInterval(() => {
    if (failure !== undefined) throw failure;
    const dueBytes = Math.floor(((performance.now() - startedAtMs) / 1000) * bytesPerSecond);
    while (sentBytes < dueBytes) {
      const at = (sentBytes + 8 * bytesPerSecond) % mp3.length;
      const chunk = mp3.subarray(at, Math.min(mp3.length, at + dueBytes - sentBytes));
      socket.write(chunk);
      sentBytes += chunk.length;
    }
  }, TICK_MS);
  return {
    stop: () => {
      clearInterval(timer);
      socket.destroy();
    },
  };
}
