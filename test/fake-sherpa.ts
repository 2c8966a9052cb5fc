import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SherpaModel } from '../src/adapters/sherpa/sherpa-model.ts';

/**
 * Stands for sherpa-onnx-node where no model is: says two sentences of each stretch, or does what the name of the model
 * says: `abort`, `hang`, `throw`, `foreign`.
 */
const ADDON = `
module.exports.OfflineRecognizer = class {
  constructor({ modelConfig }) {
    this.name = Object.values(modelConfig).find((own) => own.encoder !== undefined).encoder;
    console.log('sherpa-onnx says hello');
    if (this.name === 'throw') throw new Error('Please check your config!');
  }
  createStream() {
    return { acceptWaveform(wave) { this.wave = wave; } };
  }
  decode(stream) {
    if (this.name === 'abort') process.abort();
    if (this.name === 'hang') for (;;);
    if (this.name === 'foreign') {
      process.stderr.write('offline-whisper-greedy-search-decoder.cc:Decode:63 Invalid language: xx\\n');
      process.exit(255);
    }
  }
  getResult({ wave }) {
    const seconds = wave.samples.length / wave.sampleRate;
    const text = 'It is heard. For ' + seconds.toFixed(1) + ' seconds.';
    return this.name === 'untimed'
      ? { text, tokens: [], timestamps: [], lang: '<|de|>' }
      : { text, tokens: text.split(/(?= )/), timestamps: text.split(/(?= )/).map((_, at) => at * 0.3), lang: '' };
  }
};
`;

/** @returns the path of the addon */
export async function writeFakeSherpa(directory: string): Promise<string> {
  const path = join(directory, 'fake-sherpa.cjs');
  await writeFile(path, ADDON);
  return path;
}

export const fakeModel = (name: string): SherpaModel => ({
  kind: 'whisper',
  name,
  version: '0123abcd',
  tokens: 'tokens.txt',
  files: { encoder: name, decoder: name },
});
