import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { AppError } from '../../../domain/app-error.ts';
import { MAX_WAV_DATA_BYTES, WAV_HEADER_BYTES, wavHeader } from '../../../domain/wav-header.ts';

const BYTES_PER_SAMPLE = 2;
const BUFFER_BYTES = 256 * 1024;

export interface WrittenWav {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly samples: number;
}

/** Writes sound of one channel of 16-bit integers to a file as it comes; its head is written at the end. */
export class WavWriter {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #sampleRateHz: number;
  #buffered: Uint8Array[] = [];
  #bufferedBytes = 0;
  #dataBytes = 0;

  private constructor(path: string, file: FileHandle, sampleRateHz: number) {
    this.#path = path;
    this.#file = file;
    this.#sampleRateHz = sampleRateHz;
  }

  static async create(path: string, sampleRateHz: number): Promise<WavWriter> {
    const file = await open(path, 'wx');
    const writer = new WavWriter(path, file, sampleRateHz);
    await file.writeFile(wavHeader({ sampleRateHz }, 0));
    return writer;
  }

  /** So far. */
  get samples(): number {
    return Math.floor(this.#dataBytes / BYTES_PER_SAMPLE);
  }

  /** Whether what has come so far ends within a sample. */
  get endsWithinSample(): boolean {
    return this.#dataBytes % BYTES_PER_SAMPLE !== 0;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#dataBytes += chunk.length;
    if (this.#dataBytes > MAX_WAV_DATA_BYTES) throw new AppError('too_large', 'The speech becomes too long.');
    this.#buffered.push(chunk);
    this.#bufferedBytes += chunk.length;
    if (this.#bufferedBytes >= BUFFER_BYTES) await this.#flush();
  }

  async finish(): Promise<WrittenWav> {
    await this.#flush();
    const sampleRateHz = this.#sampleRateHz;
    await this.#file.write(wavHeader({ sampleRateHz }, this.#dataBytes), 0, WAV_HEADER_BYTES, 0);
    await this.#file.close();
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(this.#path, { highWaterMark: BUFFER_BYTES })) {
      hash.update(chunk as Uint8Array);
    }
    return {
      path: this.#path,
      sizeBytes: WAV_HEADER_BYTES + this.#dataBytes,
      sha256: hash.digest('hex'),
      samples: this.samples,
    };
  }

  /** Of one that is not finished; the file stays for whoever clears its directory. Idempotent. */
  async close(): Promise<void> {
    await this.#file.close();
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#buffered);
    this.#buffered = [];
    this.#bufferedBytes = 0;
    await this.#file.writeFile(bytes);
  }
}
