import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  findInstalledPocketsphinx,
  findEngine,
  silentPcm,
  speakPcm,
  wavOf,
  wordErrorRate,
} from '../spoken-audio.ts';
import { call, upload } from './client.ts';
import { players } from './players.ts';
import { makeDataDirectory, startProgram, type Program } from './program.ts';

const run = promisify(execFile);

const SENTENCES = [
  ['rms', 'The old man told the children a story about a king who lived in the mountains.'],
  ['kal16', 'In the evening they went home and had some bread and water.'],
  ['rms', 'She had a small house near the river.'],
] as const;
const SAID = SENTENCES.map(([, text]) => text).join(' ');
const PAUSE_MS = 2500;

const { ffmpeg } = players;
const { model } = await findInstalledPocketsphinx();
const canHear = ffmpeg !== null && model !== null && findEngine('flite') !== null;

describe.skipIf(!canHear)('speech, heard by an engine on this machine', { timeout: 300_000 }, () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let temporary: string;
  let program: Program;
  const startsS: number[] = [];

  beforeAll(async () => {
    data = await makeDataDirectory();
    temporary = join(data.path, 'system-tmp');
    await mkdir(temporary);
    const pcm: Buffer[] = [];
    for (const [voice, text] of SENTENCES) {
      pcm.push(silentPcm(PAUSE_MS));
      startsS.push(pcm.reduce((sum, { length }) => sum + length / 32_000, 0));
      pcm.push(await speakPcm(text, join(data.path, 'voice.wav'), voice));
    }
    await writeFile(join(data.path, 'speech.wav'), wavOf(Buffer.concat([...pcm, silentPcm(PAUSE_MS)])));
    program = await startProgram(data.path, {
      AUTH: 'off',
      TMPDIR: temporary,
      STT_ENGINE: 'pocketsphinx',
      TRIM_PAUSES: 'on',
      TRANSCRIBE_ON_UPLOAD: 'on',
    });
  });

  afterAll(async () => {
    await program.stop();
    await data.remove();
  });

  async function speechAs(extension: string): Promise<Uint8Array<ArrayBuffer>> {
    const path = join(data.path, `speech.${extension}`);
    if (extension !== 'wav') {
      await run(ffmpeg ?? '', ['-v', 'error', '-y', '-i', join(data.path, 'speech.wav'), path]);
    }
    return new Uint8Array(await readFile(path));
  }

  function hear(bytes: Uint8Array<ArrayBuffer>, name: string, fromS = 0) {
    const form = new FormData();
    form.set('file', new Blob([bytes]), name);
    form.set('from_s', String(fromS));
    const headers = { prefer: 'wait=30' };
    return call(program.url, '/api/transcriptions', { method: 'POST', body: form, headers });
  }

  const temporaryFiles = async () =>
    (await readdir(temporary, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());

  it('is transcribed when it is uploaded, found by its words, and played from where they are said', async () => {
    const answer = await upload(program.url, 'king.m4a', await speechAs('m4a'));
    expect(answer.status).toBe(201);
    const path = '/api/audio/king.mp3/transcript';
    await expect
      .poll(async () => (await call(program.url, path)).body['status'], { timeout: 120_000 })
      .toBe('completed');
    const { body } = await call(program.url, path);
    const errors = wordErrorRate(SAID, String(body['transcript']));
    process.stdout.write(`word errors: ${(100 * errors).toFixed(0)} %\n`);
    expect(errors).toBeLessThan(0.35);
    const segments = body['segments'] as { start_s: number; end_s: number; text: string }[];
    // The times are those of the recording, though the pauses were left out.
    for (const startS of startsS) {
      expect(Math.min(...segments.map(({ start_s }) => Math.abs(start_s - startS)))).toBeLessThan(0.7);
    }

    const search = await call(program.url, '/api/audio/search?q=bread+water');
    const [found] = search.body['results'] as {
      filename: string;
      matches: { field: string; start_s: number }[];
    }[];
    const match = found?.matches.find(({ field }) => field === 'transcript');
    expect(found?.filename).toBe('king.mp3');
    expect(Math.abs((match?.start_s ?? NaN) - (startsS[1] ?? NaN))).toBeLessThan(2);
    const played = await fetch(`${program.url}/api/audio/king.mp3?from=${match?.start_s}`);
    const info = await call(program.url, '/api/audio/king.mp3/info');
    const bytes = (await played.arrayBuffer()).byteLength;
    const share = 1 - (match?.start_s ?? 0) / Number(info.body['duration']);
    expect(bytes / Number(info.body['size'])).toBeCloseTo(share, 1);

    const subtitles = await (await fetch(`${program.url}${path}.vtt`)).text();
    expect(subtitles).toMatch(/^WEBVTT\n\n00:00:0\d\.\d{3} --> /);
    expect(await temporaryFiles()).toEqual([]);
  });

  it.each(['wav', 'mp3', 'caf', 'flac', 'ogg'])(
    'is heard in a .%s, of which nothing is kept',
    async (extension) => {
      const before = await call(program.url, '/api/audio/list');
      const answer = await hear(await speechAs(extension), `memo.${extension}`, (startsS[2] ?? 0) - 0.5);
      expect(answer.body).toMatchObject({ status: 'COMPLETED' });
      const { transcript, segments } = answer.body['result'] as {
        transcript: string;
        segments: { start_s: number }[];
      };
      expect(wordErrorRate(SENTENCES[2][1], transcript)).toBeLessThan(0.4);
      expect(Math.abs((segments[0]?.start_s ?? NaN) - (startsS[2] ?? NaN))).toBeLessThan(0.7);
      expect((await call(program.url, '/api/audio/list')).body).toEqual(before.body);
      expect(await temporaryFiles()).toEqual([]);
    },
  );

  it('is heard as far as a recording goes that is broken in the middle', async () => {
    const broken = await speechAs('flac');
    const middle = Math.floor(broken.length * 0.4);
    broken.fill(0, middle);
    const answer = await hear(broken, 'broken.flac');
    expect(answer.body).toMatchObject({ status: 'COMPLETED' });
    const { transcript } = answer.body['result'] as { transcript: string };
    expect(wordErrorRate(SENTENCES[0][1], transcript)).toBeLessThan(0.6);
    expect(await temporaryFiles()).toEqual([]);
  });

  it('is not made out of music without end: a clear answer, and nothing left', async () => {
    const chord = join(data.path, 'chord.wav');
    const formula =
      '0.2*sin(2*PI*220*t)*exp(-mod(t,1))+0.2*sin(2*PI*277*t)+0.1*sin(2*PI*330*t)*exp(-3*mod(t,0.5))';
    await run(ffmpeg ?? '', ['-v', 'error', '-y', '-f', 'lavfi', '-i', `aevalsrc='${formula}':d=8`, chord]);
    const answer = await hear(new Uint8Array(await readFile(chord)), 'chord.wav');
    // What an engine takes music for is its own matter; mostly it hears nothing.
    expect([200, 422]).toContain(answer.status);
    if (answer.status === 422) expect(answer.body).toMatchObject({ code: 'no_speech' });
    expect(await temporaryFiles()).toEqual([]);
  });

  it('of which there is none is no error of the engine', async () => {
    const answer = await upload(program.url, 'silence.wav', new Uint8Array(wavOf(silentPcm(4000))));
    expect(answer.status).toBe(201);
    const path = '/api/audio/silence.mp3/transcript';
    await expect
      .poll(async () => (await call(program.url, path)).body['status'], { timeout: 60_000 })
      .toBe('failed');
    expect((await call(program.url, path)).body).toMatchObject({
      transcript: null,
      error: 'Nothing is said in this recording, as far as can be heard.',
    });
  });
});
