import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import type { PasswordHasher } from '../../domain/user.ts';

interface Argon2Cost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
}

interface PhcHash extends Argon2Cost {
  readonly salt: Buffer;
  readonly tag: Buffer;
}

// OWASP Password Storage Cheat Sheet, argon2id: 19 MiB, 2 passes, 1 lane.
const COST: Argon2Cost = { memoryKib: 19_456, passes: 2, lanes: 1 };
const SALT_BYTES = 16;
const TAG_BYTES = 32;

// A hash comes out of a database that somebody may have filled by an import: a check costs at most this much.
const MAX_COST = { memoryKib: 262_144, passes: 16, lanes: 16 };
const MAX_MEMORY_KIB_TIMES_PASSES = 1_048_576;

/** `$argon2id$v=19$m=…,t=…,p=…$salt$hash`, base64 without padding, as the reference implementation writes it. */
const PHC =
  /^\$argon2id\$v=19\$m=([1-9]\d{0,9}),t=([1-9]\d{0,9}),p=([1-9]\d{0,9})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{16,86})$/;

/** argon2id (RFC 9106) of node:crypto, which works on a thread of libuv's pool and not on the one that serves. */
export function createArgon2Hasher(): PasswordHasher {
  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES);
      const tag = await derive(password, salt, TAG_BYTES, COST);
      const { memoryKib, passes, lanes } = COST;
      return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${lanes}$${unpadded(salt)}$${unpadded(tag)}`;
    },

    async verify(password, hash) {
      const expected = parsePhc(hash);
      if (expected === null) {
        // As long as a real check, so that the time does not tell which accounts have a hash that can be read.
        await derive(password, Buffer.alloc(SALT_BYTES), TAG_BYTES, COST);
        return false;
      }
      const tag = await derive(password, expected.salt, expected.tag.length, expected);
      return timingSafeEqual(tag, expected.tag);
    },
  };
}

function parsePhc(hash: string): PhcHash | null {
  const match = PHC.exec(hash);
  if (match === null) return null;
  const [, memory, time, parallelism, salt = '', tag = ''] = match;
  const parsed: PhcHash = {
    memoryKib: Number(memory),
    passes: Number(time),
    lanes: Number(parallelism),
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
  return isAffordable(parsed) ? parsed : null;
}

/** Within the caps above, and within what RFC 9106, section 3.1, allows. */
function isAffordable({ memoryKib, passes, lanes }: Argon2Cost): boolean {
  if (memoryKib > MAX_COST.memoryKib || passes > MAX_COST.passes || lanes > MAX_COST.lanes) return false;
  return memoryKib >= 8 * lanes && memoryKib * passes <= MAX_MEMORY_KIB_TIMES_PASSES;
}

function derive(password: string, nonce: Buffer, tagLength: number, cost: Argon2Cost): Promise<Buffer> {
  const { memoryKib: memory, passes, lanes: parallelism } = cost;
  return new Promise((resolve, reject) => {
    argon2(
      'argon2id',
      { message: password, nonce, tagLength, memory, passes, parallelism },
      (error: Error | null, tag: Buffer) => {
        if (error === null) resolve(tag);
        else reject(error);
      },
    );
  });
}

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
