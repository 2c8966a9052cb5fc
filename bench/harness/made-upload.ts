import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WAV_HEADER_BYTES, wavHeader } from '../../src/domain/wav-header.ts';
import { makeFrames } from '../../src/audio/fixtures/synthetic-mp3.ts';

/** Audio that is made while it is sent, and is never in memory as a whole. */
export interface MadeAudio {
  readonly name: string;
  readonly sizeBytes: number;
  chunks(): Generator<Uint8Array>;
}

const CHUNK_BYTES = 256 * 1024;

/** PCM of noise that is no noise: the same chunk over and over. */
export function makeWav(sizeBytes: number, format = { rateHz: 44_100, channels: 2, bits: 16 }): MadeAudio {
  const { rateHz, channels, bits } = format;
  const head = wavHeader({ sampleRateHz: rateHz, channels, bits }, sizeBytes - WAV_HEADER_BYTES);
  const chunk = Buffer.alloc(CHUNK_BYTES, 'samples of a sound; ');
  return { name: 'made.wav', sizeBytes, chunks: () => repeat(head, chunk, sizeBytes) };
}

/** An MP3 of the library's profile, without the bit reservoir: so many seconds, to the frame. */
export function makeMp3(seconds: number): MadeAudio {
  const frames = makeFrames(766);
  const sizeBytes = Math.ceil(seconds / 20) * frames.length;
  return { name: 'made.mp3', sizeBytes, chunks: () => repeat(new Uint8Array(0), frames, sizeBytes) };
}

function* repeat(head: Uint8Array, chunk: Uint8Array, sizeBytes: number): Generator<Uint8Array> {
  if (head.length > 0) yield head;
  for (let left = sizeBytes - head.length; left > 0; left -= chunk.length) yield chunk.subarray(0, left);
}

/** Uploads it without waiting for what follows. @returns the id of the request that works on it */
export async function sendUpload(url: string, audio: MadeAudio, path = '/api/audio/upload'): Promise<string> {
  const head = `--b\r\ncontent-disposition: form-data; name="file"; filename="${audio.name}"\r\ncontent-type: application/octet-stream\r\n\r\n`;
  const tail = '\r\n--b--\r\n';
  function* form(): Generator<Uint8Array> {
    yield Buffer.from(head);
    yield* audio.chunks();
    yield Buffer.from(tail);
  }
  const sending = request(`${url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'multipart/form-data; boundary=b',
      'content-length': head.length + audio.sizeBytes + tail.length,
      prefer: 'wait=0',
    },
  });
  const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
  const [[answer]] = await Promise.all([answered, pipeline(Readable.from(form()), sending)]);
  const text = Buffer.concat(await Array.fromAsync<Buffer>(answer)).toString();
  if (answer.statusCode !== 202) throw new Error(`The upload was answered ${answer.statusCode}: ${text}`);
  return (JSON.parse(text) as { request_id: string }).request_id;
}
