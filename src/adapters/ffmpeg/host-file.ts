import { fstatSync, openSync, readSync, writeSync } from 'node:fs';

interface Stream {
  position: number;
}

interface StreamOperations {
  read(stream: Stream, buffer: Int8Array, offset: number, length: number, position: number): number;
  write(stream: Stream, buffer: Int8Array, offset: number, length: number, position: number): number;
  llseek(stream: Stream, offset: number, whence: number): number;
}

interface NodeOperations {
  getattr(node: MemoryNode): Record<string, unknown>;
  setattr(node: MemoryNode, attributes: { readonly size?: number }): void;
}

interface MemoryNode {
  node_ops: NodeOperations;
  stream_ops: StreamOperations;
}

/** The part of Emscripten's file system that is used here. */
export interface MemoryFileSystem {
  writeFile(path: string, content: Uint8Array): void;
  lookupPath(path: string): { readonly node: MemoryNode };
  readonly ErrnoError: new (errno: number) => Error;
}

const SEEK_CUR = 1;
const SEEK_END = 2;
/** Numbers of WASI, which Emscripten takes over. */
const EBADF = 8;
const EINVAL = 28;
const EIO = 29;
const ENOSPC = 51;
const ESPIPE = 70;

/** Shows a file of this machine, to be read, under a name of the memory file system; none of it is held in memory. */
export function showInput(fs: MemoryFileSystem, name: string, hostPath: string): void {
  const descriptor = openSync(hostPath, 'r');
  const sizeBytes = fstatSync(descriptor).size;
  show(fs, name, {
    size: () => sizeBytes,
    resize: () => undefined,
    read: (buffer, offset, length, position) => readSync(descriptor, buffer, offset, length, position),
    write: () => {
      throw new fs.ErrnoError(EBADF);
    },
  });
}

/** Shows a descriptor that this process was started with, to be written from the start to the end. */
export function showPipe(fs: MemoryFileSystem, name: string, descriptor: number): void {
  let sizeBytes = 0;
  show(fs, name, {
    size: () => sizeBytes,
    resize: () => undefined,
    read: () => {
      throw new fs.ErrnoError(EBADF);
    },
    write: (buffer, offset, length, position) => {
      if (position !== sizeBytes) throw new fs.ErrnoError(ESPIPE);
      const written = writeSync(descriptor, buffer, offset, length);
      sizeBytes += written;
      return written;
    },
  });
}

/** Likewise a new file of this machine, to be written. */
export function showOutput(fs: MemoryFileSystem, name: string, hostPath: string): void {
  const descriptor = openSync(hostPath, 'w');
  let sizeBytes = 0;
  show(fs, name, {
    size: () => sizeBytes,
    resize: (size) => {
      sizeBytes = size;
    },
    read: () => {
      throw new fs.ErrnoError(EBADF);
    },
    write: (buffer, offset, length, position) => {
      const written = writeSync(descriptor, buffer, offset, length, position);
      sizeBytes = Math.max(sizeBytes, position + written);
      return written;
    },
  });
}

interface HostFile {
  size(): number;
  resize(sizeBytes: number): void;
  read(buffer: Int8Array, offset: number, length: number, position: number): number;
  write(buffer: Int8Array, offset: number, length: number, position: number): number;
}

function show(fs: MemoryFileSystem, name: string, file: HostFile): void {
  fs.writeFile(name, new Uint8Array(0));
  const { node } = fs.lookupPath(name);
  const inMemory = node.node_ops;
  node.node_ops = {
    ...inMemory,
    getattr: (shown) => ({ ...inMemory.getattr(shown), size: file.size() }),
    setattr: (_shown, { size }) => {
      if (size !== undefined) file.resize(size);
    },
  };
  node.stream_ops = {
    read: (_stream, buffer, offset, length, position) =>
      asErrno(fs, () => file.read(buffer, offset, length, position)),
    write: (_stream, buffer, offset, length, position) =>
      asErrno(fs, () => file.write(buffer, offset, length, position)),
    llseek: (stream, offset, whence) => {
      const origin = whence === SEEK_CUR ? stream.position : whence === SEEK_END ? file.size() : 0;
      if (origin + offset < 0) throw new fs.ErrnoError(EINVAL);
      return origin + offset;
    },
  };
}

function asErrno(fs: MemoryFileSystem, transfer: () => number): number {
  try {
    return transfer();
  } catch (error) {
    if (error instanceof fs.ErrnoError) throw error;
    const isFull =
      error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
    throw new fs.ErrnoError(isFull ? ENOSPC : EIO);
  }
}
