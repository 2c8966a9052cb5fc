import { connect, type Socket } from 'node:net';

/** The head of an answer. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
}

export interface AnswerListener {
  /** @returns the bytes that its body has; Infinity for one that ends with the connection */
  head(head: AnswerHead): number;
  /** So many bytes of the body have come; the framing of chunks is not counted. */
  body(lengthBytes: number): void;
  /** All of the body has come: another request may be sent. */
  end(): void;
  /** The connection has ended, or something else came than an answer. */
  fail(error: Error): void;
}

const READ_BYTES = 512 * 1024;
const END_OF_HEAD = '\r\n\r\n';

/** All connections of the process read into it, one after the other: nothing is allocated for what comes. */
const shared = Buffer.allocUnsafeSlow(READ_BYTES);

/**
 * A connection that counts what it is answered, at as little cost as Node allows: a client that is slower than the
 * server would measure itself.
 */
export function openConnection(url: string, listener: AnswerListener): Socket {
  const { hostname, port } = new URL(url);
  const take = createReader(listener);
  const socket = connect({
    host: hostname,
    port: Number(port),
    noDelay: true,
    onread: {
      buffer: shared,
      callback: (lengthBytes, buffer) => {
        take(buffer as Buffer, lengthBytes);
        return true;
      },
    },
  });
  socket.on('error', (error) => listener.fail(error));
  socket.on('end', () => listener.fail(new Error('The server ended the connection.')));
  return socket;
}

type State =
  | { readonly kind: 'head'; text: string }
  | { readonly kind: 'counted'; missingBytes: number }
  | { readonly kind: 'chunk-size'; text: string }
  | { readonly kind: 'chunk'; missingBytes: number };

function createReader(listener: AnswerListener): (buffer: Buffer, lengthBytes: number) => void {
  let state: State = { kind: 'head', text: '' };

  function takeHead(text: string): State {
    const lines = text.split('\r\n');
    const status = Number(/^HTTP\/1\.[01] (\d{3}) /.exec(lines[0] ?? '')?.[1]);
    const headers = new Map(
      lines.slice(1).map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
      }),
    );
    const lengthBytes = listener.head({ status, headers });
    if (headers.get('transfer-encoding') === 'chunked') return { kind: 'chunk-size', text: '' };
    return { kind: 'counted', missingBytes: lengthBytes };
  }

  /** @returns where the rest begins */
  function step(buffer: Buffer, at: number, end: number): number {
    switch (state.kind) {
      case 'counted': {
        const here = Math.min(state.missingBytes, end - at);
        state.missingBytes -= here;
        listener.body(here);
        if (state.missingBytes === 0) {
          state = { kind: 'head', text: '' };
          listener.end();
        }
        return at + here;
      }
      case 'head': {
        const before = state.text.length;
        const text = state.text + buffer.toString('latin1', at, Math.min(end, at + 16_384));
        const headEnd = text.indexOf(END_OF_HEAD);
        if (headEnd < 0) {
          state.text = text;
          return end;
        }
        state = takeHead(text.slice(0, headEnd));
        return at + headEnd + END_OF_HEAD.length - before;
      }
      case 'chunk-size': {
        // After each chunk stands a line's end of its own.
        const before = state.text.length;
        const text = state.text + buffer.toString('latin1', at, Math.min(end, at + 32));
        const size = /^(?:\r\n)?([0-9a-f]+)\r\n/i.exec(text);
        if (size?.[1] === undefined) {
          state.text = text;
          return end;
        }
        state = { kind: 'chunk', missingBytes: parseInt(size[1], 16) };
        return at + size[0].length - before;
      }
      case 'chunk': {
        const here = Math.min(state.missingBytes, end - at);
        state.missingBytes -= here;
        if (here > 0) listener.body(here);
        if (state.missingBytes === 0) state = { kind: 'chunk-size', text: '' };
        return at + here;
      }
    }
  }

  return (buffer, lengthBytes) => {
    for (let at = 0; at < lengthBytes;) at = step(buffer, at, lengthBytes);
  };
}
