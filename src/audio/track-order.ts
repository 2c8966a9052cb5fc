import { createHash } from 'node:crypto';
import { ValidationError } from '../domain/app-error.ts';
import type { PlayMode } from '../domain/play-mode.ts';

/** Part of what is hashed: another way of shuffling takes another name, so that an order never changes by accident. */
const DOMAIN = 'earshot/track-order/v1';

const UINT32_VALUES = 0x1_0000_0000;

/**
 * The order of `count` tracks in one epoch (one turn through the queue): indices into the queue, each once.
 *
 * `sequential` and `loop` keep the queue's order. A shuffle is Fisher-Yates over SHA-256(seed, epoch) as a counter
 * stream; a finite one is epoch 0. In an endless one with three tracks or more, when the first of an epoch equals the
 * last of the one before, the first two swap; with two, every epoch has the order of epoch 0.
 *
 * @param seed an unsigned 32-bit integer
 * @throws {ValidationError} for another seed
 */
export function orderTracks(count: number, mode: PlayMode, seed: number, epoch = 0): number[] {
  switch (mode) {
    case 'sequential':
    case 'loop':
      return countUp(count);
    case 'shuffle':
      return shuffle(count, seed, 0);
    case 'endless-shuffle':
      return shuffleEpoch(count, seed, epoch);
  }
}

function shuffleEpoch(count: number, seed: number, epoch: number): number[] {
  const order = shuffle(count, seed, count === 2 ? 0 : epoch);
  const [first, second] = order;
  if (count < 3 || epoch === 0 || first === undefined || second === undefined) return order;
  // Swapping the first two of three or more leaves the last alone, so the epoch before needs no look further back.
  if (first === lastOfShuffle(count, seed, epoch - 1)) {
    order[0] = second;
    order[1] = first;
  }
  return order;
}

/** 0 to `count` - 1. Not by `Array.from`, which takes 60 µs for a thousand. */
function countUp(count: number): number[] {
  const numbers: number[] = [];
  for (let number = 0; number < count; number += 1) numbers.push(number);
  return numbers;
}

/** Fisher-Yates from the end (Knuth, The Art of Computer Programming 2, 3.4.2, algorithm P). */
function shuffle(count: number, seed: number, epoch: number): number[] {
  const draw = createDraw(seed, epoch);
  const order = countUp(count);
  for (let last = count - 1; last > 0; last -= 1) {
    const chosen = draw(last + 1);
    const kept = order[last] ?? 0;
    order[last] = order[chosen] ?? 0;
    order[chosen] = kept;
  }
  return order;
}

/** What `shuffle` puts last: its first draw decides it. */
const lastOfShuffle = (count: number, seed: number, epoch: number): number => createDraw(seed, epoch)(count);

/**
 * Draws even integers from 0 to `bound` - 1. Block i of the stream is SHA-256(domain, seed, epoch, i), the numbers
 * big-endian in 4, 8 and 4 bytes; its eight words of 32 bits are used in order. Words in the last, incomplete multiple
 * of `bound` are passed over, else small numbers would come more often.
 */
function createDraw(seed: number, epoch: number): (bound: number) => number {
  if (!Number.isInteger(seed) || seed < 0 || seed >= UINT32_VALUES) {
    throw new ValidationError('seed', 'A seed is a whole number from 0 to 4294967295.');
  }
  // Hashed as bytes: Node 24.21 now and then refuses a DataView in optimized code.
  const inputBytes = new Uint8Array(16);
  const input = new DataView(inputBytes.buffer);
  input.setUint32(0, seed);
  input.setBigUint64(4, BigInt(epoch));
  let block = new DataView(new ArrayBuffer(0));
  let blocks = 0;
  let at = 0;

  function nextWord(): number {
    if (at === block.byteLength) {
      input.setUint32(12, blocks);
      const digest = createHash('sha256').update(DOMAIN).update(inputBytes).digest();
      block = new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
      blocks += 1;
      at = 0;
    }
    const word = block.getUint32(at);
    at += 4;
    return word;
  }

  return (bound) => {
    const limit = UINT32_VALUES - (UINT32_VALUES % bound);
    let word = nextWord();
    while (word >= limit) word = nextWord();
    return word % bound;
  };
}
