import type { Duplex } from 'node:stream';

/**
 * What passes between the gateway and the process of a function, each as its kind, its length and its bytes. To the
 * process: an invocation. Back: `ready` once; of each invocation the head of a streamed answer, its data, and then its
 * result (JSON) or its failure.
 */
export const FRAME = { invoke: 1, ready: 2, head: 3, data: 4, result: 5, failure: 6 } as const;
export type FrameKind = (typeof FRAME)[keyof typeof FRAME];

export interface Frame {
  readonly kind: FrameKind;
  readonly bytes: Buffer;
}

const HEAD_BYTES = 5;

/** @returns false when the other side should be waited for */
export function writeFrame(pipe: Duplex, kind: FrameKind, bytes: Uint8Array | string): boolean {
  const content = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt8(kind);
  head.writeUInt32BE(content.length, 1);
  pipe.write(head);
  return pipe.write(content);
}

/** One after the other, as far as they are taken. */
export async function* readFrames(pipe: Duplex): AsyncGenerator<Frame, void, undefined> {
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of pipe) {
    held = held.length === 0 ? (chunk as Buffer) : Buffer.concat([held, chunk as Buffer]);
    while (held.length >= HEAD_BYTES) {
      const endExclusive = HEAD_BYTES + held.readUInt32BE(1);
      if (held.length < endExclusive) break;
      yield { kind: held.readUInt8() as FrameKind, bytes: held.subarray(HEAD_BYTES, endExclusive) };
      held = held.subarray(endExclusive);
    }
  }
}
