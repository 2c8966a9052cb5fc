/** A process of its own, forked by `load.ts`: asks for the same audio over and over, on many connections. */
import { openConnection } from './answer-reader.ts';
import type { BulkLoad, BulkResult } from './load.ts';

const WARM_UP_SHARE = 0.2;

process.once('message', (load: BulkLoad) => {
  run(load).then(
    (result) => process.send?.(result, () => process.exit(0)),
    (error: unknown) => process.send?.({ error: String(error) }, () => process.exit(1)),
  );
});

function run(load: BulkLoad): Promise<BulkResult> {
  const { url, paths, connections, durationMs } = load;
  let bytes = 0;
  let requests = 0;
  let answers = 0;
  return new Promise((resolve, reject) => {
    const sockets = Array.from({ length: connections }, () => {
      const ask = () => {
        const path = paths[requests % paths.length];
        requests += 1;
        if (path === undefined || (load.once === true && requests > paths.length)) return finishIfDone();
        socket.write(`GET ${path} HTTP/1.1\r\nHost: ${new URL(url).host}\r\n${rangeLine(load)}\r\n`);
      };
      const socket = openConnection(url, {
        head({ status, headers }) {
          const expected = load.rangeBytes === undefined ? 200 : 206;
          const lengthBytes = Number(headers.get('content-length'));
          if (status !== expected || lengthBytes !== (load.rangeBytes ?? load.totalBytes)) {
            reject(new Error(`${url} answered ${status} with ${lengthBytes} bytes.`));
          }
          return lengthBytes;
        },
        body: (lengthBytes) => {
          bytes += lengthBytes;
        },
        end: () => {
          answers += 1;
          ask();
        },
        fail: reject,
      });
      socket.once('connect', ask);
      return socket;
    });

    const usage = () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    };
    let begun = { atMs: performance.now(), bytes: 0, answers: 0, processorMs: usage() };
    const finish = () => {
      const ms = performance.now() - begun.atMs;
      for (const socket of sockets) socket.destroy();
      const processorMs = usage() - begun.processorMs;
      resolve({ ms, bytes: bytes - begun.bytes, answers: answers - begun.answers, processorMs });
    };
    const finishIfDone = () => {
      if (answers === paths.length) finish();
    };
    if (load.once === true) return;
    setTimeout(() => {
      begun = { atMs: performance.now(), bytes, answers, processorMs: usage() };
      setTimeout(finish, durationMs * (1 - WARM_UP_SHARE));
    }, durationMs * WARM_UP_SHARE);
  });
}

/** Ranges begin anywhere, as those of players do. */
function rangeLine({ rangeBytes, totalBytes }: BulkLoad): string {
  if (rangeBytes === undefined) return '';
  const start = Math.floor(Math.random() * (totalBytes - rangeBytes + 1));
  return `Range: bytes=${start}-${start + rangeBytes - 1}\r\n`;
}
