import { createEspeakTextToSpeech } from '../../src/adapters/espeak/espeak-text-to-speech.ts';
import { createOpenAiTextToSpeech } from '../../src/adapters/openai/openai-text-to-speech.ts';
import { createPollyTextToSpeech } from '../../src/adapters/polly/polly-text-to-speech.ts';
import { createMemoryPorts } from '../memory-ports.ts';
import { espeakProcesses } from '../espeak-processes.ts';
import { speechHandlers } from '../servers/openai-speech.ts';
import { startOpenAiStandIn } from '../servers/openai-stand-in.ts';
import { startPollyStandIn } from '../servers/polly-stand-in.ts';
import { textToSpeechContract } from './text-to-speech.contract.ts';

const { log, clock } = createMemoryPorts();

textToSpeechContract('espeak', async () => {
  const engine = createEspeakTextToSpeech({ log });
  return {
    engine,
    goDown: async () => {
      // As when the system takes its memory back: as soon as there is one.
      const timer = setInterval(() => {
        for (const pid of espeakProcesses()) {
          clearInterval(timer);
          process.kill(pid, 'SIGKILL');
        }
      }, 1);
    },
    close: async () => undefined,
  };
});

textToSpeechContract('openai', async () => {
  const standIn = await startOpenAiStandIn({
    handlers: speechHandlers({ asked: [], contentType: 'audio/pcm' }),
  });
  const { baseUrl, apiKey } = standIn;
  return {
    engine: createOpenAiTextToSpeech({ baseUrl, apiKey, model: 'tts-1', log }),
    goDown: () =>
      standIn.misbehave({
        status: 503,
        error: { message: 'In the words of the vendor.', type: 'server_error' },
      }),
    close: () => standIn.stop(),
  };
});

textToSpeechContract('polly', async () => {
  const standIn = await startPollyStandIn();
  const { endpoint, key } = standIn;
  return {
    engine: createPollyTextToSpeech({ region: 'eu-central-1', endpoint, credentials: key, log, clock }),
    // As often as it is tried.
    goDown: () =>
      standIn.misbehave(
        ...Array.from({ length: 5 }, () => ({ status: 500, name: 'ServiceFailureException' })),
      ),
    close: () => standIn.stop(),
  };
});
