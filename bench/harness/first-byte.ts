import { openConnection, type AnswerHead } from './answer-reader.ts';

export interface Asked {
  readonly path: string;
  /** `bytes=…` */
  readonly range?: string;
}

/** A connection that is kept alive, asked for one thing after the other. */
export interface KeptConnection {
  /** @returns milliseconds from the request to the first byte of the body, all of which is taken. @throws for an error */
  ask(asked: Asked): Promise<number>;
  close(): void;
}

export function openKeptConnection(url: string): KeptConnection {
  let current: { readonly sentMs: number; firstMs: number; readonly resolve: (ms: number) => void } | null =
    null;
  let broken: (error: Error) => void = () => undefined;
  const socket = openConnection(url, {
    head: (head) => lengthOf(head, broken),
    body: () => {
      if (current !== null && current.firstMs === 0) current.firstMs = performance.now();
    },
    end: () => {
      const done = current;
      current = null;
      done?.resolve(done.firstMs - done.sentMs);
    },
    fail: (error) => broken(error),
  });
  return {
    ask: (asked) =>
      new Promise<number>((resolve, reject) => {
        broken = reject;
        current = { sentMs: performance.now(), firstMs: 0, resolve };
        socket.write(requestOf(url, asked));
      }),
    close: () => socket.destroy(),
  };
}

/** @returns milliseconds from connecting to the first byte of the body, after which the connection is cut */
export function askAnew(url: string, asked: Asked): Promise<number> {
  return new Promise<number>((resolve, reject) => {
    const startMs = performance.now();
    const finish = (settle: () => void) => {
      socket.destroy();
      settle();
    };
    const fail = (error: Error) => finish(() => reject(error));
    const socket = openConnection(url, {
      head: (head) => lengthOf(head, fail),
      body: () => finish(() => resolve(performance.now() - startMs)),
      end: () => undefined,
      fail,
    });
    socket.write(requestOf(url, asked));
  });
}

function lengthOf({ status, headers }: AnswerHead, fail: (error: Error) => void): number {
  if (status !== 200 && status !== 206) fail(new Error(`The answer was ${status}.`));
  return Number(headers.get('content-length') ?? Infinity);
}

const requestOf = (url: string, { path, range }: Asked): string =>
  `GET ${path} HTTP/1.1\r\nhost: ${new URL(url).host}\r\n${range === undefined ? '' : `range: ${range}\r\n`}\r\n`;
