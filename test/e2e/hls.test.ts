import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPlaylist, unpackSegment } from '../hls-playlist.ts';
import { makeToneWav } from '../made-audio.ts';
import { call, download, upload } from './client.ts';
import { players } from './players.ts';
import { makeDataDirectory, startProgram, type Program } from './program.ts';

const run = promisify(execFile);

describe.runIf(players.ffmpeg !== null)('HTTP Live Streaming', () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let program: Program;

  beforeAll(async () => {
    data = await makeDataDirectory();
    program = await startProgram(data.path, { AUTH: 'off' });
    const files: string[] = [];
    for (const [number, seconds] of [12.3, 9.7, 4.1].entries()) {
      const wav = new Uint8Array(makeToneWav({ seconds, amplitude: 0.4, frequencyHz: 440 + 110 * number }));
      const answer = await upload(program.url, `tone-${number}.wav`, wav);
      files.push(String(answer.body['filename']));
    }
    await call(program.url, '/api/streams/s/queue', { method: 'PUT', json: { files } });
  });

  afterAll(async () => {
    await program.stop();
    await data.remove();
  });

  async function decode(path: string, ...options: string[]): Promise<{ pcm: Buffer; warnings: string[] }> {
    const args = ['-nostdin', '-v', 'warning', '-i', `${program.url}${path}`, ...options, '-f', 's16le', '-'];
    const { stdout, stderr } = await run(players.ffmpeg ?? 'ffmpeg', args, {
      encoding: 'buffer',
      maxBuffer: 1 << 28,
    });
    // It gives the time of a segment to what it still holds of the one before, and then complains about its own times.
    const warnings = stderr
      .toString()
      .split('\n')
      .filter((line) => line !== '' && !line.includes('non monotonically increasing dts'));
    return { pcm: stdout, warnings };
  }

  it.each(['', '?play_mode=shuffle&seed=3', '?play_mode=loop&sleep_s=45&sleep_mode=exact'])(
    'plays a stream with an end as stream.mp3%s does, to the sample',
    async (query) => {
      const whole = await decode(`/api/streams/s/stream.mp3${query}`);
      const cut = await decode(`/api/streams/s/playlist.m3u8${query}`);
      expect(cut.warnings).toEqual([]);
      expect(whole.pcm.length).toBeGreaterThan(25 * 44_100 * 4);
      expect(Buffer.compare(cut.pcm, whole.pcm)).toBe(0);
    },
  );

  it('plays a stream without end as its segments have it, to the sample', async () => {
    const path = '/api/streams/s/playlist.m3u8';
    const query = '?play_mode=endless-shuffle&live=1';
    const read = async () =>
      readPlaylist(Buffer.from((await download(`${program.url}${path}${query}`)).bytes).toString(), path);
    const before = await read();
    const seconds = 25;
    const { pcm, warnings } = await decode(path + query, '-t', String(seconds));
    expect(warnings).toEqual([]);
    // By those times, it ends some frames early or late.
    expect(Math.abs(pcm.length / 4 / 44_100 - seconds)).toBeLessThan(0.3);
    // It begins three from the end of the list that it read: of `before`, or of the next.
    const after = await read();
    const played = await Promise.all(
      [before, after].map(({ segments }) => decodeSegments(segments.slice(-3))),
    );
    expect(played.some((each) => Buffer.compare(pcm, each.subarray(0, pcm.length)) === 0)).toBe(true);
  });

  async function decodeSegments(segments: readonly { readonly url: string }[]): Promise<Buffer> {
    const audio: Buffer[] = [];
    for (const { url } of segments) {
      const { bytes } = await download(`${program.url}${url}`);
      audio.push(unpackSegment(Buffer.from(bytes)).audio);
    }
    const decoding = run(
      players.ffmpeg ?? 'ffmpeg',
      ['-v', 'error', '-f', 'mp3', '-i', '-', '-f', 's16le', '-'],
      { encoding: 'buffer', maxBuffer: 1 << 28 },
    );
    decoding.child.stdin?.end(Buffer.concat(audio));
    return (await decoding).stdout;
  }
});
