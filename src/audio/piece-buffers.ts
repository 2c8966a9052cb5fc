/**
 * The memory of pieces, which is used again once nobody can see any more what was in it: when each hold on it has been
 * let go. Arrays that are not from here are nobody's concern: nothing happens for them.
 */
export interface PieceBuffers {
  /** An array of so many bytes, whatever is in them, with one hold on it. */
  take(lengthBytes: number): Uint8Array<ArrayBuffer>;
  /** One more hold on what was taken. */
  hold(bytes: Uint8Array): void;
  letGo(bytes: Uint8Array): void;
  /** A part of it with a hold of its own, for somebody who may keep it for ever. */
  lend(bytes: Uint8Array, start: number, endExclusive: number): Uint8Array;
  /** Whoever the part was lent to will not look at it again. */
  giveBack(chunk: Uint8Array): void;
}

interface Use {
  readonly buffer: ArrayBuffer;
  holds: number;
}

const SIZES = 8;

/**
 * Fresh memory for each piece makes V8 mark the whole heap every 15 MB: in our measurements for half of the time, while
 * audio comes from disk. What is never let go is left to the garbage collector as ever.
 * @param maxSpare buffers that are kept for later, those that came last
 */
export function createPieceBuffers(pieceBytes: number, maxSpare: number): PieceBuffers {
  const stepBytes = Math.ceil(pieceBytes / SIZES);
  const spare: ArrayBuffer[] = [];
  const uses = new WeakMap<ArrayBufferLike, Use>();
  const lent = new WeakMap<Uint8Array, Use>();

  function release(use: Use): void {
    use.holds -= 1;
    if (use.holds > 0) return;
    uses.delete(use.buffer);
    spare.push(use.buffer);
    if (spare.length > maxSpare) spare.shift();
  }

  function findSpare(sizeBytes: number): ArrayBuffer | undefined {
    const at = spare.findLastIndex(({ byteLength }) => byteLength === sizeBytes);
    return at < 0 ? undefined : spare.splice(at, 1)[0];
  }

  return {
    take(lengthBytes) {
      // The last piece of an object is shorter: of a few sizes, so that it fits again, and wastes an eighth at most of a
      // whole one.
      const sizeBytes = Math.ceil(lengthBytes / stepBytes) * stepBytes;
      const buffer = findSpare(sizeBytes) ?? new ArrayBuffer(sizeBytes);
      uses.set(buffer, { buffer, holds: 1 });
      return new Uint8Array(buffer, 0, lengthBytes);
    },
    hold(bytes) {
      const use = uses.get(bytes.buffer);
      if (use !== undefined) use.holds += 1;
    },
    letGo(bytes) {
      const use = uses.get(bytes.buffer);
      if (use !== undefined) release(use);
    },
    lend(bytes, start, endExclusive) {
      const chunk = bytes.subarray(start, endExclusive);
      const use = uses.get(bytes.buffer);
      if (use !== undefined) {
        use.holds += 1;
        lent.set(chunk, use);
      }
      return chunk;
    },
    giveBack(chunk) {
      const use = lent.get(chunk);
      if (use === undefined) return;
      lent.delete(chunk);
      release(use);
    },
  };
}
