import type { Log } from '../domain/log.ts';
import type { TextToSpeech } from '../domain/text-to-speech.ts';
import type { Config } from './config.ts';
import { unusable } from './config-error.ts';

type SpeechSettings = Pick<Config, 'speech' | 'audioBucket'>;
type Kind = TextToSpeech['kind'];

/**
 * The engine that is named, or with `auto` the best that is there: eSpeak always is.
 * @returns null with `off`
 */
export async function openTextToSpeech(config: SpeechSettings, log: Log): Promise<TextToSpeech | null> {
  const kind = kindOf(config);
  if (kind === null) {
    log.info({}, 'no text is spoken: TTS_ENGINE is off');
    return null;
  }
  const engine = await openEngine(kind, config, log);
  const { ttsEngine } = config.speech;
  log.info(
    { ...(await engine.describe()), chosen: ttsEngine === 'auto' ? 'auto' : 'named' },
    'text is spoken',
  );
  return engine;
}

function kindOf({ speech: { ttsEngine, openAi, pollyEndpoint }, audioBucket }: SpeechSettings): Kind | null {
  if (ttsEngine === 'off') return null;
  if (ttsEngine !== 'auto') return ttsEngine;
  if (openAi !== null) return 'openai';
  const isOnAws = audioBucket !== null && audioBucket.endpoint === undefined;
  return isOnAws || pollyEndpoint !== undefined ? 'polly' : 'espeak';
}

/** Each is loaded when it is taken: a server without AWS does without the AWS SDK. */
async function openEngine(kind: Kind, { speech }: SpeechSettings, log: Log): Promise<TextToSpeech> {
  const { language, openAi, pollyEndpoint } = speech;
  switch (kind) {
    case 'openai': {
      if (openAi === null) throw unusable('TTS_ENGINE', 'openai needs OPENAI_API_KEY or OPENAI_BASE_URL');
      const { createOpenAiTextToSpeech } = await import('../adapters/openai/openai-text-to-speech.ts');
      return createOpenAiTextToSpeech({
        baseUrl: openAi.baseUrl,
        apiKey: openAi.apiKey,
        model: openAi.ttsModel,
        log,
      });
    }
    case 'polly': {
      // Other services have no regions, but their signatures name one.
      const region = speech.awsRegion ?? (pollyEndpoint === undefined ? undefined : 'us-east-1');
      if (region === undefined) throw unusable('AWS_REGION', 'the region of Polly');
      const { createPollyTextToSpeech } = await import('../adapters/polly/polly-text-to-speech.ts');
      return createPollyTextToSpeech({ region, endpoint: pollyEndpoint, language, log, clock: Date.now });
    }
    case 'espeak': {
      const { createEspeakTextToSpeech } = await import('../adapters/espeak/espeak-text-to-speech.ts');
      return createEspeakTextToSpeech({ language, log });
    }
  }
}
