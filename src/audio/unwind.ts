import { AppError } from '../domain/app-error.ts';
import { HEADER_BYTES, MAX_FRAME_BYTES } from './frame-header.ts';
import type { FrameHeader } from './frame-header.ts';
import { LOOKAHEAD_BITS, MainDataWalk } from './main-data.ts';
import type { MainDataPlace } from './main-data.ts';
import { clearMainDataBegin, mainDataRoom, moveGlobalGain } from './side-information.ts';
import { chooseUnwoundForm, writeUnwoundHeader } from './unwound-header.ts';

/** `main_data_begin` has 9 bits in MPEG-1, 8 in MPEG-2. */
const RESERVOIR_MAX_BYTES = 511;
const HISTORY_BYTES = 65_536;
const BLOCK_BYTES = 131_072;

/**
 * Makes frames stand on their own: each gets its main data out of the bit reservoir into a frame of the smallest bit
 * rate that holds it, with `main_data_begin` 0. What decodes stays the same to the bit, frame by frame; ancillary data
 * and the CRC, which encoders are known to get wrong, are left out. A frame whose main data was cut off at the start
 * becomes a frame of silence, which is what decoders make of it. The level is moved by `gainSteps` on the way.
 *
 * `add` frames in order, `take` what is finished. Memory is bounded by what is added between two takes.
 */
export class FrameUnwinder {
  /** Of all frames made so far. */
  audioBytes = 0;
  readonly #gainSteps: number;
  readonly #walk = new MainDataWalk();
  /** Main data in the order of the file; what no frame can reach any more gives way. */
  readonly #history = new Uint8Array(HISTORY_BYTES);
  #historyEnd = 0;
  /** What is finished is taken from its front; fresh blocks are zeros, and so is what frames leave free. */
  #block = new Uint8Array(BLOCK_BYTES);
  #blockStart = 0;
  #blockEnd = 0;
  #done: Uint8Array[] = [];

  constructor(gainSteps: number) {
    this.#gainSteps = gainSteps;
  }

  /** @throws conflict for a frame that cannot stand on its own: not what the scan saw */
  add(bytes: Uint8Array, frameStart: number, header: FrameHeader): void {
    const place = this.#walk.next(bytes, frameStart, header);
    const form = chooseUnwoundForm(header, place);
    if (place.state === 'damaged' || form === null) {
      throw new AppError('conflict', 'The file changed while it was being read.');
    }
    const ownRoomStart = this.#remember(bytes, frameStart, header);
    const at = this.#reserve(form.header.frameBytes);
    writeUnwoundHeader(this.#block, at, form, bytes, frameStart);
    if (place.state === 'orphan') return;
    const sideStart = frameStart + header.sideInformationStart;
    const sideAt = at + HEADER_BYTES;
    this.#block.set(bytes.subarray(sideStart, sideStart + header.sideInformationBytes), sideAt);
    clearMainDataBegin(this.#block, at, form.header);
    this.#writeMainData(sideAt + header.sideInformationBytes, place, ownRoomStart, form.room);
    if (this.#gainSteps !== 0) moveGlobalGain(this.#block, at, form.header, this.#gainSteps);
  }

  take(): Uint8Array[] {
    this.#finishBlock();
    const done = this.#done;
    this.#done = [];
    return done;
  }

  /** Adds the frame's own room to the history. @returns where it begins there */
  #remember(bytes: Uint8Array, frameStart: number, header: FrameHeader): number {
    const room = mainDataRoom(header);
    if (this.#historyEnd + room > HISTORY_BYTES) {
      this.#history.copyWithin(0, this.#historyEnd - RESERVOIR_MAX_BYTES, this.#historyEnd);
      this.#historyEnd = RESERVOIR_MAX_BYTES;
    }
    const start = this.#historyEnd;
    const frameEnd = frameStart + header.frameBytes;
    this.#history.set(bytes.subarray(frameEnd - room, frameEnd), start);
    this.#historyEnd += room;
    return start;
  }

  #writeMainData(at: number, place: MainDataPlace, ownRoomStart: number, room: number): void {
    const start = ownRoomStart - place.borrowedBytes;
    const bytes = Math.min(place.bytesWithLookahead, room);
    this.#block.set(this.#history.subarray(start, start + bytes), at);
    const spareBits = bytes * 8 - place.bits - LOOKAHEAD_BITS;
    const last = at + bytes - 1;
    if (spareBits > 0) this.#block[last] = (this.#block[last] ?? 0) & (0xff << spareBits);
  }

  /** Room for one more frame. @returns where in the block */
  #reserve(frameBytes: number): number {
    if (this.#blockEnd + MAX_FRAME_BYTES > BLOCK_BYTES) {
      this.#finishBlock();
      this.#block = new Uint8Array(BLOCK_BYTES);
      this.#blockStart = 0;
      this.#blockEnd = 0;
    }
    const at = this.#blockEnd;
    this.#blockEnd += frameBytes;
    this.audioBytes += frameBytes;
    return at;
  }

  #finishBlock(): void {
    if (this.#blockEnd === this.#blockStart) return;
    this.#done.push(this.#block.subarray(this.#blockStart, this.#blockEnd));
    this.#blockStart = this.#blockEnd;
  }
}
