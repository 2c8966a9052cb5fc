import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { joinBytes } from '../../src/audio/fixtures/synthetic-mp3.ts';
import { parseFrameHeader } from '../../src/audio/frame-header.ts';
import { msToFrame } from '../../src/audio/frame-pace.ts';
import { readPlaylist, unpackSegment } from '../hls-playlist.ts';
import { makeToneWav } from '../made-audio.ts';
import { call, download, upload } from './client.ts';
import { players } from './players.ts';
import { makeDataDirectory, startProgram, type Program } from './program.ts';

const run = promisify(execFile);
const PACE = { samplesPerFrame: 1152, sampleRateHz: 44_100 };
const LIST = '/api/streams/s/playlist.m3u8';
const LISTEN_S = 90;

/** Two servers, as two instances that know nothing of each other, and an edit while somebody listens. */
describe.runIf(players.ffmpeg !== null)('a stream without end that is edited', { timeout: 240_000 }, () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let one: Program;
  let other: Program;
  const files: string[] = [];

  beforeAll(async () => {
    data = await makeDataDirectory();
    [one, other] = await Promise.all(
      [0, 1].map(() => startProgram(data.path, { AUTH: 'off' })) as [Promise<Program>, Promise<Program>],
    );
    for (const [number, seconds] of [12.3, 9.7, 7.1].entries()) {
      const wav = new Uint8Array(makeToneWav({ seconds, amplitude: 0.4, frequencyHz: 440 + 110 * number }));
      files.push(String((await upload(one.url, `tone-${number}.wav`, wav)).body['filename']));
    }
  });

  afterAll(async () => {
    await Promise.all([one.stop(), other.stop()]);
    await data.remove();
  });

  const put = (queue: readonly string[]) =>
    call(one.url, '/api/streams/s/queue', { method: 'PUT', json: { files: queue, play_mode: 'loop' } });

  const read = async ({ url }: Program) =>
    Buffer.from((await download(`${url}${LIST}?live=1`)).bytes).toString();

  /** The frames behind the Info frame. */
  async function framesOf(names: readonly string[]): Promise<Uint8Array[]> {
    const frames: Uint8Array[] = [];
    for (const name of names) {
      const { bytes } = await download(`${one.url}/api/audio/${name}`);
      const own: Uint8Array[] = [];
      for (let at = 0; at < bytes.length;) {
        const { frameBytes = 1 } = parseFrameHeader(bytes, at) ?? {};
        own.push(bytes.subarray(at, at + frameBytes));
        at += frameBytes;
      }
      frames.push(...own.slice(1));
    }
    return frames;
  }

  it('is heard alike from both, changes at the end of the epoch, and never stops', async () => {
    const before = files.slice(0, 2);
    const after = files.slice(2);
    await put(before);
    const ffmpeg = players.ffmpeg ?? 'ffmpeg';
    const args = [
      '-nostdin',
      '-v',
      'error',
      '-i',
      `${other.url}${LIST}?live=1`,
      '-t',
      '60',
      '-f',
      's16le',
      '-',
    ];
    const playing = run(ffmpeg, args, { encoding: 'buffer', maxBuffer: 1 << 28 });
    const segments = new Map<number, Buffer>();
    let last = 0;
    for (let second = 0; second < LISTEN_S; second += 3) {
      if (second === 6) await put(after);
      const lists = await Promise.all([one, other].map(read));
      // Asked a moment apart: they may stand on either side of the turn of a segment.
      const [first, second_] = lists.map((text) => readPlaylist(text, LIST));
      expect(Math.abs((first?.sequence ?? 0) - (second_?.sequence ?? 9))).toBeLessThanOrEqual(1);
      if (first?.sequence === second_?.sequence) expect(lists[1]).toBe(lists[0]);
      expect(first?.sequence).toBeGreaterThanOrEqual(last);
      last = first?.sequence ?? 0;
      for (const { number, url } of first?.segments ?? []) {
        if (segments.has(number)) continue;
        const [bytes, same] = await Promise.all(
          [one, other].map(async (program) => Buffer.from((await download(`${program.url}${url}`)).bytes)),
        );
        expect(Buffer.compare(bytes ?? Buffer.alloc(0), same ?? Buffer.alloc(1))).toBe(0);
        segments.set(number, unpackSegment(bytes ?? Buffer.alloc(0)).audio);
      }
      await setTimeout(3000);
    }

    const file = JSON.parse(await readFile(join(data.path, 'streams', 's.json'), 'utf8')) as {
      schedule: { start_frame: number };
    };
    const turn = file.schedule.start_frame;
    const numbers = [...segments.keys()].sort((a, b) => a - b);
    const [firstNumber = 0] = numbers;
    expect(numbers).toEqual(numbers.map((_, index) => firstNumber + index));
    const start = msToFrame(firstNumber * 10_000, PACE);
    const end = msToFrame((firstNumber + numbers.length) * 10_000, PACE);
    expect(turn).toBeGreaterThan(start);
    expect(turn).toBeLessThan(end - 500);
    const [framesBefore, framesAfter] = await Promise.all([framesOf(before), framesOf(after)]);
    const expected = Array.from({ length: end - start }, (_, index) => {
      const frame = start + index;
      const own = frame < turn ? framesBefore : framesAfter;
      return own[(frame < turn ? frame : frame - turn) % own.length] ?? new Uint8Array(0);
    });
    const heard = joinBytes(numbers.map((number) => segments.get(number) ?? new Uint8Array(0)));
    expect(Buffer.compare(heard, joinBytes(expected))).toBe(0);

    const { stdout, stderr } = await playing;
    const complaints = stderr
      .toString()
      .split('\n')
      .filter((line) => line !== '' && !line.includes('monotonically'));
    expect(complaints).toEqual([]);
    expect(stdout.length / 4 / 44_100).toBeGreaterThan(59);
  });
});
