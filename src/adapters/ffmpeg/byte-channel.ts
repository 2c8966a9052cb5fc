import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';

/** A connection to a process that is to be started, on which that one writes. */
export interface ByteChannel {
  /** What the process is given among its `stdio`; whoever has started it destroys this end. */
  readonly childEnd: Socket;
  /** When all has been read, or the channel was destroyed; never rejected. */
  readonly closed: Promise<void>;
  /** Both ends. */
  destroy(): void;
}

const READ_BYTES = 65_536;
/** What a socket may be called, on every system that has them (sun_path). */
const MAX_PATH_BYTES = 100;

/**
 * A channel that is read into one piece of memory, again and again. The pipes of `child_process` take fresh memory for
 * each read, which takes more than twice the processor time: 70 to 80 ms instead of 28 for five minutes of sound.
 *
 * Give it as standard output: as another descriptor it would not wait when nothing more fits in (O_NONBLOCK, which
 * libuv takes away from the first three).
 * @param directory where its name is for a moment: nobody but this user can connect there
 * @param onBytes told of what has come, cut anywhere; not to be kept
 * @returns null where there is none to be had: on Windows, in a directory that takes no sockets (on a network drive, say)
 * or whose name is too long for one, and when nothing more can be opened. A pipe does the same, at a higher cost.
 */
export async function openByteChannel(
  directory: string,
  onBytes: (bytes: Uint8Array) => void,
): Promise<ByteChannel | null> {
  const path = join(directory, `${randomUUID()}.sock`);
  if (process.platform === 'win32' || Buffer.byteLength(path) > MAX_PATH_BYTES) return null;
  const server = createServer({ pauseOnConnect: true });
  try {
    await once(server.listen(path), 'listening');
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const socket = connect({ path, onread: readInto(Buffer.allocUnsafeSlow(READ_BYTES), onBytes) });
    // Ends as any other: whether all has come is for the process to say.
    socket.on('error', () => undefined);
    const closed = new Promise<void>((resolve) => void socket.once('close', () => resolve()));
    // It is closed where the system cannot open the other end.
    const [childEnd] = (await Promise.race([accepted, closed])) ?? [];
    if (childEnd === undefined) return null;
    const destroy = () => {
      socket.destroy();
      childEnd.destroy();
    };
    return { childEnd, closed, destroy };
  } catch {
    return null;
  } finally {
    // Takes the name away with it.
    server.close();
  }
}

const readInto = (memory: Buffer, onBytes: (bytes: Uint8Array) => void) => ({
  buffer: memory,
  callback(lengthBytes: number) {
    onBytes(memory.subarray(0, lengthBytes));
    return true;
  },
});
