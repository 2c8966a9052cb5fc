import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findSherpaModel } from '../../src/adapters/sherpa/sherpa-model.ts';
import { createSherpa } from '../../src/adapters/sherpa/sherpa-speech-to-text.ts';
import { fakeModel, writeFakeSherpa } from '../fake-sherpa.ts';
import { findEngine, silentPcm, speakPcm, wordErrorRate, writePiece } from '../spoken-audio.ts';
import { log } from './make-with-ffmpeg.ts';
import { describeSpeechToTextContract } from './speech-to-text.contract.ts';

describeSpeechToTextContract('sherpa-onnx', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'earshot-'));
  const noise = Buffer.from(silentPcm(3000)).fill('a sound');
  const model = fakeModel('timed');
  return {
    engine: createSherpa({ model, log, addon: await writeFakeSherpa(dir) }),
    down: createSherpa({ model, log, addon: join(dir, 'nowhere.cjs') }),
    downCode: 'tool_unavailable',
    speech: await writePiece(join(dir, 'speech.wav'), noise),
    silence: await writePiece(join(dir, 'silence.wav'), silentPcm(2000)),
    close: () => rm(dir, { recursive: true }),
  };
});

const modelDir = process.env['SHERPA_MODEL_DIR'] ?? '';

describe.skipIf(modelDir === '' || findEngine('flite') === null)(
  'sherpa-onnx, with the model that is named',
  () => {
    it('hears what is said', async () => {
      const found = await findSherpaModel(modelDir);
      if ('problem' in found) throw new Error(found.problem);
      const dir = await mkdtemp(join(tmpdir(), 'earshot-'));
      const said = 'She had a small house near the river. Every morning she walked to the market.';
      const piece = await writePiece(join(dir, 'speech.wav'), await speakPcm(said, join(dir, 'flite.wav')));
      const { segments } = await createSherpa({ model: found.model, log }).transcribe(piece.path, {
        durationMs: piece.durationMs,
        language: 'en',
        signal: new AbortController().signal,
      });
      expect(wordErrorRate(said, segments.map(({ text }) => text).join(' '))).toBeLessThan(0.3);
      await rm(dir, { recursive: true });
    });
  },
);
