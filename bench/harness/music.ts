import { makeToneWav } from '../../test/made-audio.ts';
import { addFile } from './program.ts';
import type { BenchProgram } from './program.ts';

/** Of the profile: 128 kbit/s. */
export const AUDIO_BYTES_PER_SECOND = 16_000;

/**
 * Files of the library's profile, each of other bytes and about `seconds` long: the first is a tone that the program
 * encodes, the others are its frames in another order, which it takes in as they are.
 * @returns their names
 */
export async function addMusic(program: BenchProgram, count: number, seconds: number): Promise<string[]> {
  const wav = makeToneWav({ seconds, amplitude: 0.3 });
  const names = [await addFile(program, 'bench-0.wav', new Uint8Array(wav))];
  const response = await fetch(`${program.url}/api/audio/${names[0]}`);
  const first = new Uint8Array(await response.arrayBuffer());
  const frames = splitFrames(first);
  for (let number = 1; number < count; number += 1) {
    const at = Math.floor((frames.length * number) / count);
    const rotated = Buffer.concat([...frames.slice(at), ...frames.slice(0, at)]);
    names.push(await addFile(program, `bench-${number}.mp3`, new Uint8Array(rotated)));
  }
  return names;
}

/** The frames of an MP3 at 128 kbit/s and 44.1 kHz: 417 bytes, and one more where the padding bit is set. */
function splitFrames(mp3: Uint8Array): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < mp3.length;) {
    const lengthBytes = 417 + (((mp3[at + 2] ?? 0) >> 1) & 1);
    if (mp3[at] !== 0xff || (mp3[at + 2] !== undefined && (mp3[at + 2] ?? 0) >> 4 !== 9)) {
      throw new Error('This is not the profile of the library.');
    }
    frames.push(mp3.subarray(at, at + lengthBytes));
    at += lengthBytes;
  }
  return frames;
}
