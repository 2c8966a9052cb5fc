import { isAlreadyExists } from '../domain/app-error.ts';
import { numberedFilename } from '../domain/filename.ts';

/** `story-2.mp3` … `story-1000.mp3`; past that, somebody else's program has gone wrong. */
const MAX_NUMBER = 1000;

/**
 * Takes a name, or the first number of it that is free.
 * @param take throws already_exists for a name that is taken
 * @throws already_exists past the number 1,000; what else `take` throws
 */
export async function underFreeName<Result>(
  wanted: string,
  take: (filename: string) => Promise<Result>,
): Promise<Result> {
  for (let number = 1; ; number += 1) {
    try {
      return await take(number === 1 ? wanted : numberedFilename(wanted, number));
    } catch (error) {
      if (!isAlreadyExists(error) || number >= MAX_NUMBER) throw error;
    }
  }
}
