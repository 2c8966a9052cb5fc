/** A process of its own, forked by `listeners.ts`: many listeners of streams that are sent at playing speed. */
import { openConnection } from './answer-reader.ts';
import type { ListenersLoad, ListenersResult } from './listeners.ts';
import { median } from './rounds.ts';

const CHECK_EVERY_MS = 1000;

process.once('message', (load: ListenersLoad) => {
  try {
    listen(load);
  } catch (error) {
    process.send?.({ error: String(error) }, () => process.exit(1));
  }
});

function listen({ url, paths, connectMs, bytesPerSecond }: ListenersLoad): void {
  const { host } = new URL(url);
  const listeners = paths.map((path, number) => {
    const listener = { askedAtMs: 0, firstByteAtMs: 0, bytes: 0, close: () => undefined as void };
    setTimeout(
      () => {
        const socket = openConnection(url, {
          head: ({ status }) => {
            if (status !== 200) fail(new Error(`${path} was answered ${status}.`));
            return Infinity;
          },
          body: (lengthBytes) => {
            if (listener.bytes === 0) {
              listener.firstByteAtMs = performance.now();
              heard();
            }
            listener.bytes += lengthBytes;
          },
          end: () => fail(new Error(`${path} ended.`)),
          fail,
        });
        listener.close = () => void socket.destroy();
        listener.askedAtMs = performance.now();
        socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: bench-${number}\r\n\r\n`);
      },
      (number * connectMs) / paths.length,
    );
    return listener;
  });

  let ended = false;
  let heardCount = 0;
  function heard(): void {
    heardCount += 1;
    if (heardCount === paths.length) process.send?.('all hear');
  }
  function fail(error: Error): void {
    if (!ended) process.send?.({ error: String(error) }, () => process.exit(1));
  }

  let starvedSeconds = 0;
  let leastAheadMs = Infinity;
  setInterval(() => {
    const nowMs = performance.now();
    for (const { firstByteAtMs, bytes } of listeners) {
      if (bytes === 0) continue;
      const aheadMs = (bytes / bytesPerSecond) * 1000 - (nowMs - firstByteAtMs);
      leastAheadMs = Math.min(leastAheadMs, aheadMs);
      if (aheadMs < 0) starvedSeconds += 1;
    }
  }, CHECK_EVERY_MS);

  process.once('message', () => {
    ended = true;
    for (const { close } of listeners) close();
    const result: ListenersResult = {
      firstByteMs: median(listeners.map(({ askedAtMs, firstByteAtMs }) => firstByteAtMs - askedAtMs)),
      starvedSeconds,
      leastAheadMs,
      bytes: listeners.reduce((sum, { bytes }) => sum + bytes, 0),
    };
    process.send?.(result, () => process.exit(0));
  });
}
