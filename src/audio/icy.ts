/**
 * Titles between audio bytes, as SHOUTcast players ask for them with `Icy-MetaData: 1`: after every `icy-metaint` bytes
 * of audio one byte that says how many times 16 bytes of text follow, zero padded; 0 where nothing has changed.
 */
export const ICY_INTERVAL_BYTES = 16_000;

const BLOCK_BYTES = 16;
const MAX_TEXT_BYTES = 255 * BLOCK_BYTES;
const OPENING = "StreamTitle='";
const CLOSING = "';";
const UNCHANGED = Uint8Array.of(0);

/** Puts titles into audio that comes in chunks of any size. One for each connection. */
export class IcyInterleaver {
  readonly #intervalBytes: number;
  /** Audio bytes until the next title is due. */
  #leftBytes: number;
  #announced: string | null = null;

  constructor(intervalBytes = ICY_INTERVAL_BYTES) {
    this.#intervalBytes = intervalBytes;
    this.#leftBytes = intervalBytes;
  }

  /**
   * The chunk with the titles that are due in it. A title that is due just behind it comes with the next, whose it is:
   * so the bytes are the same however the audio is cut into chunks.
   *
   * @param title what plays while the chunk does
   * @returns the chunk itself where nothing is due: never write into it
   */
  interleave(audio: Uint8Array, title: string): Uint8Array {
    const pieces: Uint8Array[] = [];
    let at = 0;
    while (audio.length > at) {
      if (this.#leftBytes === 0) {
        pieces.push(this.#announce(title));
        this.#leftBytes = this.#intervalBytes;
      }
      const end = Math.min(at + this.#leftBytes, audio.length);
      pieces.push(audio.subarray(at, end));
      this.#leftBytes -= end - at;
      at = end;
    }
    const [first] = pieces;
    return first !== undefined && pieces.length === 1 ? first : joinPieces(pieces);
  }

  #announce(title: string): Uint8Array {
    if (title === this.#announced) return UNCHANGED;
    this.#announced = title;
    return encodeIcyTitle(title);
  }
}

/**
 * A metadata block with the title in UTF-8. The format knows no escapes and players look for `';`: so a quote becomes
 * a typographic one and a semicolon a comma. What is too long for a block is cut between two characters.
 */
export function encodeIcyTitle(title: string): Uint8Array {
  const shown = title
    .replace(/'/g, '’')
    .replace(/;/g, ',')
    .replace(/\p{Cc}+/gu, ' ');
  const encoder = new TextEncoder();
  const text = new Uint8Array(MAX_TEXT_BYTES - OPENING.length - CLOSING.length);
  // Writes whole characters only.
  const { written } = encoder.encodeInto(shown, text);
  const contentBytes = OPENING.length + written + CLOSING.length;
  const blocks = Math.ceil(contentBytes / BLOCK_BYTES);
  const block = new Uint8Array(1 + blocks * BLOCK_BYTES);
  block[0] = blocks;
  block.set(encoder.encode(OPENING), 1);
  block.set(text.subarray(0, written), 1 + OPENING.length);
  block.set(encoder.encode(CLOSING), 1 + OPENING.length + written);
  return block;
}

function joinPieces(pieces: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
