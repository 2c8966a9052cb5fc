/** A program that has the engine that is named work, until it is killed: on something that takes longer than that. */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { createEspeakTextToSpeech } from '../src/adapters/espeak/espeak-text-to-speech.ts';
import { createPocketsphinx } from '../src/adapters/pocketsphinx/pocketsphinx-speech-to-text.ts';
import { createSherpa } from '../src/adapters/sherpa/sherpa-speech-to-text.ts';
import type { SpeechToText } from '../src/domain/speech-to-text.ts';
import { fakeModel, writeFakeSherpa } from './fake-sherpa.ts';
import { silentLog } from './silent-log.ts';
import { findInstalledPocketsphinx, silentPcm, speakPcm, writePiece } from './spoken-audio.ts';

const [, , kind = '', parent = ''] = process.argv;
const directory = await mkdtemp(join(parent, 'engine-'));
const { signal } = new AbortController();

async function hear(engine: SpeechToText, pcm: readonly Buffer[]): Promise<void> {
  const { path, durationMs } = await writePiece(join(directory, 'piece.wav'), ...pcm);
  await engine.transcribe(path, { durationMs, signal });
}

const work: Record<string, () => Promise<void>> = {
  async sherpa() {
    const addon = await writeFakeSherpa(directory);
    const engine = createSherpa({ model: fakeModel('hang'), log: silentLog, addon });
    await hear(engine, [Buffer.from(silentPcm(2000)).fill('a sound')]);
  },
  async pocketsphinx() {
    const { program, model } = await findInstalledPocketsphinx();
    if (program === null || model === null) throw new Error('There is no pocketsphinx.');
    const said = await speakPcm('She had a small house near the river.', join(directory, 'voice.wav'));
    const pcm = Array.from({ length: 100 }, () => said);
    await hear(createPocketsphinx({ program, model, log: silentLog }), pcm);
  },
  async espeak() {
    const engine = createEspeakTextToSpeech({ log: silentLog });
    for (;;) {
      const text = 'The hare and the hedgehog went to the field. '.repeat(2000);
      for await (const _chunk of engine.speak(text, { speed: 0.5, isSsml: false, signal }));
    }
  },
};
await work[kind]?.();
