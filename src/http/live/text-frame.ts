const FIN_TEXT = 0x81;
const UINT16_FOLLOWS = 126;
const UINT64_FOLLOWS = 127;

/**
 * A message as it goes over a WebSocket: one final, unmasked text frame (RFC 6455, 5.2 and 5.6). It is the same for every
 * client, where nothing is compressed: made once, it is written to each in one piece.
 */
export function toTextFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const headBytes = length < UINT16_FOLLOWS ? 2 : length < 0x10000 ? 4 : 10;
  const frame = Buffer.allocUnsafe(headBytes + length);
  frame[0] = FIN_TEXT;
  if (headBytes === 2) frame[1] = length;
  else if (headBytes === 4) {
    frame[1] = UINT16_FOLLOWS;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = UINT64_FOLLOWS;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, headBytes);
  return frame;
}
