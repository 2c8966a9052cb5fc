/** Reads the heads of WebSocket frames as they pass: RFC 6455, 5.2. @returns what takes the bytes of a connection */
export function watchFrames(onFrame: (payloadBytes: number) => void): (bytes: Buffer) => void {
  let head = Buffer.alloc(0);
  let toSkip = 0;
  return (bytes) => {
    let rest = bytes;
    while (rest.length > 0) {
      const skipped = Math.min(toSkip, rest.length);
      toSkip -= skipped;
      rest = rest.subarray(skipped);
      if (rest.length === 0) return;
      head = Buffer.concat([head, rest.subarray(0, 1)]);
      rest = rest.subarray(1);
      const length = payloadLength(head);
      if (length === null) continue;
      onFrame(length);
      toSkip = length;
      head = Buffer.alloc(0);
    }
  };
}

/** null as long as the head is not whole. */
function payloadLength(head: Buffer): number | null {
  const second = head[1];
  if (second === undefined) return null;
  const short = second & 0x7f;
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
  const maskBytes = (second & 0x80) === 0 ? 0 : 4;
  if (head.length < 2 + lengthBytes + maskBytes) return null;
  if (lengthBytes === 2) return head.readUInt16BE(2);
  return lengthBytes === 8 ? Number(head.readBigUInt64BE(2)) : short;
}
