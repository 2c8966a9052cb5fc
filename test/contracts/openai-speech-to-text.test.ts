import { join } from 'node:path';
import { createOpenAiSpeechToText } from '../../src/adapters/openai/openai-speech-to-text.ts';
import { startOpenAiStandIn } from '../servers/openai-stand-in.ts';
import { transcriptionHandlers, type TranscriptionScript } from '../servers/openai-transcriptions.ts';
import { log } from './make-with-ffmpeg.ts';
import { describeSpeechToTextContract } from './speech-to-text.contract.ts';

const path = join(import.meta.dirname, '..', 'fixtures', 'fits.mp3');
const SAID = [
  { start: 0.5, end: 2.25, text: ' She had a small house.' },
  { start: 2.25, end: 4000, text: ' Every morning\nshe walked.' },
];

describeSpeechToTextContract('OpenAI', async () => {
  const script: TranscriptionScript = { segments: SAID, language: 'english', asked: [] };
  const server = await startOpenAiStandIn({ handlers: transcriptionHandlers(script), delayMs: 100 });
  const { baseUrl, apiKey } = server;
  const engine = createOpenAiSpeechToText({ baseUrl, apiKey, model: 'whisper-1', log });
  return {
    engine: {
      ...engine,
      transcribe: (file, options) => {
        // The stand-in has no ears.
        script.segments = options.durationMs === 1000 ? [] : SAID;
        return engine.transcribe(file, options);
      },
    },
    down: createOpenAiSpeechToText({ baseUrl: 'http://127.0.0.1:1/v1', apiKey, model: 'whisper-1', log }),
    downCode: 'engine_unavailable',
    speech: { path, durationMs: 5000 },
    silence: { path, durationMs: 1000 },
    close: () => server.stop(),
  };
});
