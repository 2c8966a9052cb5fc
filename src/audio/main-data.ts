import type { FrameHeader } from './frame-header.ts';
import { hasForbiddenGranule, mainDataBegin, mainDataBits, mainDataRoom } from './side-information.ts';

/**
 * So far beyond its end ffmpeg looks into what follows: a granule with bits to spare but no quadruples is read as one
 * quadruple more (up to 6 bits of code and 4 of signs), which is kept though it passes the end. LAME makes such
 * granules. With these bits in place, they sound the same.
 */
export const LOOKAHEAD_BITS = 9;

/** Where the main data of a frame lies, and whether it is there. */
export interface MainDataPlace {
  /**
   * - `whole`: all of it is there.
   * - `orphan`: it begins before the first frame that there is, as where a file was cut; decoders play silence.
   * - `damaged`: it begins in what other frames have used, asks for more than there is, or is said to hold what no
   *   frame may.
   */
  readonly state: 'whole' | 'orphan' | 'damaged';
  /** Of all granules together; what follows in the frame is ancillary. */
  readonly bits: number;
  /** How many bytes of main data before the frame's own room it begins (`main_data_begin`). */
  readonly borrowedBytes: number;
  readonly bytes: number;
  /** With what follows within `LOOKAHEAD_BITS`, as far as the frame's own room goes. */
  readonly bytesWithLookahead: number;
}

/**
 * Follows the bit reservoir of frames in order: the rooms of all frames make up one run of bytes, in which each frame
 * points back to where its main data begins, at most 511 bytes (MPEG-2: 255) before its own room, and never into what
 * belongs to the frame before (ISO/IEC 11172-3, 2.4.2.7 main_data_begin, and figure A.7 of its annex).
 */
export class MainDataWalk {
  /** Bytes of room of all frames so far. */
  #position = 0;
  /** What lies before this has been used. */
  #freeFrom = 0;
  /** What lies before this never was there. */
  #origin = 0;
  #hasWhole = false;

  next(bytes: Uint8Array, frameStart: number, header: FrameHeader): MainDataPlace {
    const bits = mainDataBits(bytes, frameStart, header);
    const dataBytes = (bits + 7) >> 3;
    const borrowedBytes = mainDataBegin(bytes, frameStart, header);
    const start = this.#position - borrowedBytes;
    this.#position += mainDataRoom(header);
    const reachBytes = bits === 0 ? 0 : (bits + LOOKAHEAD_BITS + 7) >> 3;
    const state = hasForbiddenGranule(bytes, frameStart, header) ? 'damaged' : this.#judge(start, dataBytes);
    const bytesWithLookahead = Math.min(reachBytes, this.#position - start);
    return { state, bits, borrowedBytes, bytes: dataBytes, bytesWithLookahead };
  }

  /** What came before is out of reach for the frames that follow, as after an Info frame. */
  breakOff(): void {
    this.#origin = this.#position;
  }

  #judge(start: number, bytes: number): MainDataPlace['state'] {
    const endExclusive = start + bytes;
    if (endExclusive > this.#position) return 'damaged';
    if (bytes === 0) return 'whole';
    const isAvailable = start >= this.#origin && start >= this.#freeFrom;
    this.#freeFrom = Math.max(this.#freeFrom, endExclusive);
    if (isAvailable) {
      this.#hasWhole = true;
      return 'whole';
    }
    return start < this.#origin && !this.#hasWhole ? 'orphan' : 'damaged';
  }
}
