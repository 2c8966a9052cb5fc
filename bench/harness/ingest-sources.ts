import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeToneWav } from '../../test/made-audio.ts';

const run = promisify(execFile);

/** A sound as people bring it, without a title of its own. */
export interface IngestSource {
  readonly name: string;
  readonly path: string;
  readonly extension: string;
}

/** Syllables of about a quarter of a second: harmonics of a voice, hisses between them, and pauses. */
const VOICE =
  '(0.5+0.5*sin(2*PI*0.7*t))*(0.3+0.7*gt(sin(2*PI*2.3*t),-0.2))' +
  '*(sin(2*PI*180*t)+0.5*sin(2*PI*720*t+3*sin(2*PI*3*t))+0.3*(random(0)-0.5))';
/** Chords with a beat, and noise on top. */
const MUSIC =
  '(0.6+0.4*exp(-6*mod(t,0.5)))*(sin(2*PI*110*t)+sin(2*PI*165*t)+sin(2*PI*220*t)+sin(2*PI*1760*t)/3+0.4*(random(0)-0.5))';
const PIECE_SECONDS = 20;

/**
 * Makes the sounds that an ingest is timed with.
 * @param seconds how long each of them is
 */
export async function makeIngestSources(
  ffmpeg: string,
  directory: string,
  seconds: number,
): Promise<Record<'speech' | 'book' | 'music' | 'spiky' | 'fitting' | 'reservoir', IngestSource>> {
  const at = (file: string) => join(directory, file);
  const make = async (...ffmpegArguments: string[]) =>
    void (await run(ffmpeg, ['-nostdin', '-v', 'error', '-y', ...ffmpegArguments]));
  /** A piece, repeated: evaluating the formula for all of it takes longer than what is measured. */
  const long = async (file: string, formula: string, codec: readonly string[], target: string) => {
    const piece = ['-f', 'lavfi', '-i', `aevalsrc='${formula}':s=44100:d=${PIECE_SECONDS}`];
    await make(...piece, '-ac', '2', at(file));
    await make('-stream_loop', '-1', '-t', String(seconds), '-i', at(file), ...codec, at(target));
  };
  await long('voice.wav', `0.12*${VOICE}`, ['-c:a', 'flac'], 'speech.flac');
  await make('-i', at('speech.flac'), '-ar', '48000', '-c:a', 'aac', '-b:a', '96k', at('book.m4a'));
  await long('band.wav', `0.35*${MUSIC}`, ['-c:a', 'pcm_s16le'], 'music.wav');
  await writeFile(at('click.wav'), makeToneWav({ seconds: 0.01, amplitude: 0.95, frequencyHz: 900 }));
  const clicks = `[1:a]apad=whole_dur=${PIECE_SECONDS / 10},volume=0.9[c];[0:a]volume=0.15[v];[v][c]amix=inputs=2:normalize=0`;
  await make('-i', at('voice.wav'), '-i', at('click.wav'), '-filter_complex', clicks, at('spikes.wav'));
  await make(
    '-stream_loop',
    '-1',
    '-t',
    String(seconds),
    '-i',
    at('spikes.wav'),
    '-c:a',
    'flac',
    at('spiky.flac'),
  );
  const profile = ['-ar', '44100', '-ac', '2', '-c:a', 'libmp3lame', '-b:a', '128k'];
  await make('-i', at('speech.flac'), ...profile, '-reservoir', '0', at('fitting.mp3'));
  await make('-i', at('speech.flac'), ...profile, at('reservoir.mp3'));
  const source = (name: string, file: string): IngestSource => {
    return { name, path: at(file), extension: file.slice(file.lastIndexOf('.')) };
  };
  return {
    speech: source('speech, FLAC', 'speech.flac'),
    book: source('speech at 48 kHz, M4A', 'book.m4a'),
    music: source('loud music, WAV', 'music.wav'),
    spiky: source('quiet speech with spikes, FLAC', 'spiky.flac'),
    fitting: source('an MP3 that fits', 'fitting.mp3'),
    reservoir: source('an MP3 with a reservoir', 'reservoir.mp3'),
  };
}

/** The same sound as another file, so that nothing of it is in the library yet. */
export async function retitle(
  ffmpeg: string,
  { path }: IngestSource,
  title: string,
  target: string,
): Promise<void> {
  const copy = ['-map', '0:a', '-c', 'copy', '-metadata', `title=${title}`, target];
  await run(ffmpeg, ['-nostdin', '-v', 'error', '-y', '-i', path, ...copy]);
}
