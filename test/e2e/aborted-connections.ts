import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** How a client goes away. It has asked, and has read so much of what came. */
interface Manner {
  readonly method?: 'GET' | 'HEAD';
  readonly path: string;
  readonly headers?: string;
  /** Bytes that it waits for before it goes. */
  readonly readBytes: number;
  readonly goes: 'close' | 'reset' | 'half-close';
}

/** Past the head, and past what an endless stream sends at once: 10 s of 128 kbit/s. */
const SOME_BYTES = 4096;
const PAST_BURST_BYTES = 165_000;
const UPLOAD = `--b\r\ncontent-disposition: form-data; name="file"; filename="half.wav"\r\n\r\n${'x'.repeat(60_000)}`;

/** Of a finite stream, `path`, and an endless one, `endlessPath`. */
export function mannersOfLeaving(path: string, endlessPath: string): Readonly<Record<string, Manner>> {
  return {
    'before the answer': { path, readBytes: 0, goes: 'close' },
    'before the answer, by a reset': { path: endlessPath, readBytes: 0, goes: 'reset' },
    'at a HEAD': { method: 'HEAD', path, readBytes: 0, goes: 'close' },
    'in the whole': { path, readBytes: SOME_BYTES, goes: 'close' },
    'in the whole, by a reset': { path, readBytes: PAST_BURST_BYTES, goes: 'reset' },
    'in the whole, half-closing first': { path, readBytes: SOME_BYTES, goes: 'half-close' },
    'in a range': { path, headers: 'range: bytes=1000000-\r\n', readBytes: SOME_BYTES, goes: 'close' },
    'in an endless stream': { path: endlessPath, readBytes: SOME_BYTES, goes: 'close' },
    'in an endless stream, while it is paced': {
      path: endlessPath,
      readBytes: PAST_BURST_BYTES,
      goes: 'reset',
    },
  };
}

/** Connects, asks, and goes in this manner; returns when nothing of it is left at this end. */
export async function connectAndGo(url: URL, manner: Manner): Promise<void> {
  const { method = 'GET', path, headers = '', readBytes, goes } = manner;
  const socket = await open(url);
  socket.write(`${method} ${path} HTTP/1.1\r\nhost: ${url.host}\r\n${headers}\r\n`);
  if (readBytes > 0) await readAtLeast(socket, readBytes);
  if (goes === 'half-close') {
    socket.end();
    await readAtLeast(socket, readBytes);
  }
  await go(socket, goes === 'reset');
}

/** Begins an upload, and goes in the middle of it. */
export async function uploadAndGo(url: URL, goes: 'close' | 'reset'): Promise<void> {
  const socket = await open(url);
  socket.write(
    `POST /api/audio/upload HTTP/1.1\r\nhost: ${url.host}\r\nexpect: 100-continue\r\n` +
      'content-type: multipart/form-data; boundary=b\r\ncontent-length: 9000000\r\n\r\n',
  );
  // By then the server is at work on it.
  await readAtLeast(socket, 'HTTP/1.1 100 Continue\r\n\r\n'.length);
  await new Promise<void>((sent) => socket.write(UPLOAD, () => sent()));
  await go(socket, goes === 'reset');
}

async function open(url: URL): Promise<Socket> {
  const socket = connect({ port: Number(url.port), host: url.hostname, allowHalfOpen: true });
  await once(socket, 'connect');
  return socket;
}

/** @throws when it ends before */
async function readAtLeast(socket: Socket, wantedBytes: number): Promise<void> {
  const from = socket.bytesRead;
  await new Promise<void>((enough, fail) => {
    const ended = () => fail(new Error('The answer ended early.'));
    const count = () => {
      if (socket.bytesRead - from < wantedBytes) return;
      socket.off('data', count).off('end', ended).off('error', fail).pause();
      enough();
    };
    socket.on('data', count).once('end', ended).once('error', fail).resume();
  });
}

async function go(socket: Socket, byReset: boolean): Promise<void> {
  // Whoever leaves does not mind what the other end says to it.
  socket.on('error', () => undefined);
  const closed = new Promise<void>((done) => socket.once('close', () => done()));
  if (byReset) socket.resetAndDestroy();
  else socket.destroy();
  await closed;
}
