import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import { createPocketsphinx } from '../../src/adapters/pocketsphinx/pocketsphinx-speech-to-text.ts';
import { findInstalledPocketsphinx, findEngine, silentPcm, speakPcm, writePiece } from '../spoken-audio.ts';
import { log } from './make-with-ffmpeg.ts';
import { describeSpeechToTextContract } from './speech-to-text.contract.ts';

const { program, model } = await findInstalledPocketsphinx();
if (process.env['REQUIRE_ENGINES'] === '1' && model === null)
  throw new Error('pocketsphinx is required here.');

describe.skipIf(program === null || model === null || findEngine('flite') === null)('pocketsphinx', () => {
  describeSpeechToTextContract('pocketsphinx', async () => {
    if (program === null || model === null) throw new Error('There is no pocketsphinx.');
    const dir = await mkdtemp(join(tmpdir(), 'earshot-'));
    const first = await speakPcm('She had a small house near the river.', join(dir, 'first.wav'));
    const second = await speakPcm('Every morning she walked to the market.', join(dir, 'second.wav'));
    const gone = { ...program, path: join(dir, 'nowhere') };
    return {
      engine: createPocketsphinx({ program, model, log }),
      down: createPocketsphinx({ program: gone, model, log }),
      downCode: 'tool_unavailable',
      speech: await writePiece(join(dir, 'speech.wav'), first, silentPcm(1000), second),
      silence: await writePiece(join(dir, 'silence.wav'), silentPcm(2000)),
      close: () => rm(dir, { recursive: true }),
    };
  });
});
