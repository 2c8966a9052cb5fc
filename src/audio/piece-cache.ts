import { throwIfAborted, untilAborted } from '../domain/abort.ts';
import { AppError } from '../domain/app-error.ts';
import type { ByteRange, ObjectStore } from '../domain/object-store.ts';
import { createByteBudget } from './byte-budget.ts';
import { createPieceBuffers } from './piece-buffers.ts';

/** An immutable object of the object store: what is under `key` never changes, and has `sizeBytes`. */
export interface ImmutableObject {
  readonly key: string;
  readonly sizeBytes: number;
}

/** A bounded cache of pieces of immutable objects, shared by all listeners: one read for many askers. */
export interface PieceCache {
  /**
   * The bytes of the range, in chunks of at most one piece. Leaving the iteration frees the asker's share at once.
   * The chunks are shared: never write into them.
   * @throws what ObjectStore.readRange throws; storage_unavailable when the range passes the end of the object;
   * aborted once `signal` is
   */
  read(object: ImmutableObject, range: ByteRange, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /**
   * For a chunk of `read` that its asker has done with, and has shown to nobody else: its memory may then be used again.
   * Whoever cannot tell keeps it. Nothing happens for bytes from elsewhere.
   */
  giveBack(chunk: Uint8Array): void;
  /** The first chunk of `read` at once, where its piece is held; otherwise undefined. */
  peek(object: ImmutableObject, range: ByteRange): Uint8Array | undefined;
  /** Bytes held and bytes being read, together never above the bound. */
  readonly sizeBytes: number;
}

export interface PieceCacheOptions {
  /** Of all pieces, those being read included. At least one piece. */
  readonly maxBytes: number;
  /** 256 KiB serves best in our measurements; objects are cut at its multiples. */
  readonly pieceBytes: number;
}

/** A piece on its way, and how many wait for it. The read goes on until the last of them has left. */
interface Flight {
  readonly piece: Promise<Uint8Array>;
  readonly controller: AbortController;
  askers: number;
  /** Its bytes, once they have come. */
  landed: Uint8Array | undefined;
}

/** What is on its way to a few fast listeners. */
const MAX_SPARE = 16;

interface Piece {
  /** Tells pieces apart; holds the size, so that a wrong record cannot spoil the last piece for others. */
  readonly id: string;
  readonly key: string;
  readonly range: ByteRange;
}

export function createPieceCache(
  objects: Pick<ObjectStore, 'readRange'>,
  options: PieceCacheOptions,
): PieceCache {
  const { maxBytes, pieceBytes } = options;
  if (!(pieceBytes > 0 && maxBytes >= pieceBytes)) {
    throw new RangeError(`A cache of ${maxBytes} bytes cannot hold a piece of ${pieceBytes}.`);
  }
  /** Least recently used first: a Map keeps the order of insertion. */
  const held = new Map<string, Uint8Array>();
  const flights = new Map<string, Flight>();
  const buffers = createPieceBuffers(pieceBytes, MAX_SPARE);
  const budget = createByteBudget(maxBytes, evictOldest);

  function evictOldest(): number {
    for (const [id, bytes] of held) {
      held.delete(id);
      buffers.letGo(bytes);
      return bytes.length;
    }
    return 0;
  }

  /** @returns bytes with a hold of the flight's */
  async function load(piece: Piece, signal: AbortSignal): Promise<Uint8Array> {
    const length = piece.range.endExclusive - piece.range.start;
    await budget.take(length, signal);
    const memory = buffers.take(length);
    try {
      const bytes = await objects.readRange(piece.key, piece.range, signal, memory);
      if (bytes.length !== length) throw shortObject(piece.key);
      // The last asker left while these bytes were coming: another flight may be under way for the same piece.
      throwIfAborted(signal);
      // Of a store that has memory of its own, the bytes are not from here.
      if (bytes !== memory) buffers.letGo(memory);
      buffers.hold(bytes);
      held.set(piece.id, bytes);
      budget.offer();
      return bytes;
    } catch (error) {
      buffers.letGo(memory);
      budget.give(length);
      throw error;
    }
  }

  function startFlight(piece: Piece): Flight {
    const controller = new AbortController();
    const flight: Flight = {
      piece: load(piece, controller.signal),
      controller,
      askers: 0,
      landed: undefined,
    };
    const leave = () => {
      if (flights.get(piece.id) === flight) flights.delete(piece.id);
    };
    flight.piece.then((bytes) => {
      flight.landed = bytes;
      leave();
    }, leave);
    flights.set(piece.id, flight);
    return flight;
  }

  /** The piece becomes the one that was used last. */
  function use(id: string): Uint8Array | undefined {
    const bytes = held.get(id);
    if (bytes === undefined) return undefined;
    held.delete(id);
    held.set(id, bytes);
    return bytes;
  }

  /** @param take sees the bytes in the turn in which they are there: in the next they may be others */
  async function ask<Taken>(
    piece: Piece,
    signal: AbortSignal | undefined,
    take: (bytes: Uint8Array) => Taken,
  ): Promise<Taken> {
    const hit = use(piece.id);
    if (hit !== undefined) return take(hit);
    const flight = flights.get(piece.id) ?? startFlight(piece);
    flight.askers += 1;
    try {
      return take(await untilAborted(flight.piece, signal));
    } finally {
      flight.askers -= 1;
      if (flight.askers === 0) {
        if (flight.landed !== undefined) buffers.letGo(flight.landed);
        else if (flights.get(piece.id) === flight) {
          // Out of the way first, so that whoever asks next gets a read of their own and not the aborted one.
          flights.delete(piece.id);
          flight.controller.abort();
        }
      }
    }
  }

  const pieceOf = (object: ImmutableObject, number: number): Piece => {
    const start = number * pieceBytes;
    const range = { start, endExclusive: Math.min(start + pieceBytes, object.sizeBytes) };
    return { id: idOf(object, number), key: object.key, range };
  };

  async function* read(object: ImmutableObject, range: ByteRange, signal?: AbortSignal) {
    if (range.start < 0 || range.endExclusive > object.sizeBytes) throw shortObject(object.key);
    let at = range.start;
    while (at < range.endExclusive) {
      throwIfAborted(signal);
      const piece = pieceOf(object, Math.floor(at / pieceBytes));
      const { start } = piece.range;
      const chunkStart = at - start;
      const chunkEnd = Math.min(piece.range.endExclusive, range.endExclusive);
      const lend = (bytes: Uint8Array) => buffers.lend(bytes, chunkStart, chunkEnd - start);
      const hit = use(piece.id);
      yield hit === undefined ? await ask(piece, signal, lend) : lend(hit);
      at = chunkEnd;
    }
  }

  return {
    read,
    giveBack: (chunk) => buffers.giveBack(chunk),
    peek(object, { start, endExclusive }) {
      if (endExclusive > object.sizeBytes) return undefined;
      const number = Math.floor(start / pieceBytes);
      const pieceStart = number * pieceBytes;
      const bytes = use(idOf(object, number));
      if (bytes === undefined) return undefined;
      return buffers.lend(bytes, start - pieceStart, Math.min(endExclusive - pieceStart, bytes.length));
    },
    get sizeBytes() {
      return budget.takenBytes;
    },
  };
}

const idOf = ({ key, sizeBytes }: ImmutableObject, number: number): string => `${key} ${sizeBytes} ${number}`;

const shortObject = (key: string): AppError =>
  new AppError('storage_unavailable', 'A stored object is not as long as its record says.', {
    cause: new Error(`Object ${key} is shorter than asked for.`),
  });
