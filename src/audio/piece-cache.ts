import { throwIfAborted, untilAborted } from '../domain/abort.ts';
import { AppError } from '../domain/app-error.ts';
import type { ByteRange, ObjectStore } from '../domain/object-store.ts';
import { createByteBudget } from './byte-budget.ts';

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
}

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
  const budget = createByteBudget(maxBytes, evictOldest);

  function evictOldest(): number {
    for (const [id, bytes] of held) {
      held.delete(id);
      return bytes.length;
    }
    return 0;
  }

  async function load(piece: Piece, signal: AbortSignal): Promise<Uint8Array> {
    const length = piece.range.endExclusive - piece.range.start;
    await budget.take(length, signal);
    try {
      const bytes = await objects.readRange(piece.key, piece.range, signal);
      if (bytes.length !== length) throw shortObject(piece.key);
      // The last asker left while these bytes were coming: another flight may be under way for the same piece.
      throwIfAborted(signal);
      held.set(piece.id, bytes);
      budget.offer();
      return bytes;
    } catch (error) {
      budget.give(length);
      throw error;
    }
  }

  function startFlight(piece: Piece): Flight {
    const controller = new AbortController();
    const flight: Flight = { piece: load(piece, controller.signal), controller, askers: 0 };
    const land = () => {
      if (flights.get(piece.id) === flight) flights.delete(piece.id);
    };
    flight.piece.then(land, land);
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

  async function ask(piece: Piece, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const hit = use(piece.id);
    if (hit !== undefined) return hit;
    const flight = flights.get(piece.id) ?? startFlight(piece);
    flight.askers += 1;
    try {
      return await untilAborted(flight.piece, signal);
    } finally {
      flight.askers -= 1;
      if (flight.askers === 0 && flights.get(piece.id) === flight) {
        // Out of the way first, so that whoever asks next gets a read of their own and not the aborted one.
        flights.delete(piece.id);
        flight.controller.abort();
      }
    }
  }

  async function* read(object: ImmutableObject, range: ByteRange, signal?: AbortSignal) {
    const { key, sizeBytes } = object;
    if (range.start < 0 || range.endExclusive > sizeBytes) throw shortObject(key);
    let at = range.start;
    while (at < range.endExclusive) {
      throwIfAborted(signal);
      const number = Math.floor(at / pieceBytes);
      const start = number * pieceBytes;
      const endExclusive = Math.min(start + pieceBytes, sizeBytes);
      const piece = { id: idOf(object, number), key, range: { start, endExclusive } };
      const bytes = await ask(piece, signal);
      const chunkEnd = Math.min(endExclusive, range.endExclusive);
      yield bytes.subarray(at - start, chunkEnd - start);
      at = chunkEnd;
    }
  }

  return {
    read,
    peek(object, { start, endExclusive }) {
      if (endExclusive > object.sizeBytes) return undefined;
      const number = Math.floor(start / pieceBytes);
      const pieceStart = number * pieceBytes;
      return use(idOf(object, number))?.subarray(start - pieceStart, endExclusive - pieceStart);
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
