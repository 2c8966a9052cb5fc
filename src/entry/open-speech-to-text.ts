import type { Log } from '../domain/log.ts';
import type { SpeechToText } from '../domain/speech-to-text.ts';
import type { Config } from './config.ts';
import { unusable } from './config-error.ts';
import type { STT_ENGINES } from './speech-config.ts';

type Kind = (typeof STT_ENGINES)[number];

/** An engine, or why there is none and the one line that gets it. */
type Finding = { readonly engine: SpeechToText } | { readonly missing: string; readonly line: string };

/** What hears speech here; without an engine, what would. */
export interface FoundSpeechToText {
  readonly engine: SpeechToText | null;
  /** A line to type or to put into the environment; empty where an engine was found or none is wanted. */
  readonly hint: string;
}

/** The best first: a model that somebody has chosen and put here, then what is paid for, then the least. */
const AUTO_ORDER: readonly Kind[] = ['sherpa', 'openai', 'aws', 'pocketsphinx'];

/**
 * The engine that is named, or with `auto` the best that is there, told to the log.
 * @throws ConfigError when the one that is named cannot be used
 */
export async function openSpeechToText(config: Config, log: Log): Promise<FoundSpeechToText> {
  const found = await findSpeechToText(config, log);
  const { engine, hint } = found;
  if (engine !== null) log.info({ stt: engine.id }, `speech is heard by ${engine.kind}`);
  else log.info({ stt: null, hint }, 'no engine hears speech: transcripts are disabled');
  return found;
}

/** @throws ConfigError when the one that is named cannot be used */
export async function findSpeechToText(config: Config, log: Log): Promise<FoundSpeechToText> {
  const { sttEngine } = config.speech;
  if (sttEngine === 'off') return { engine: null, hint: '' };
  let hint = '';
  for (const kind of sttEngine === 'auto' ? AUTO_ORDER : [sttEngine]) {
    const found = await FIND[kind](config, log);
    if ('engine' in found) return { engine: found.engine, hint: '' };
    if (kind === sttEngine) throw unusable('STT_ENGINE', `${kind} ${found.missing}: ${found.line}`);
    hint = found.line;
  }
  return { engine: null, hint };
}

/** Each is loaded when it is looked for: a server without AWS does without the AWS SDK. */
const FIND: Readonly<Record<Kind, (config: Config, log: Log) => Promise<Finding>>> = {
  async sherpa({ speech: { sherpaModelDir } }, log) {
    if (sherpaModelDir === undefined) return { missing: 'needs a model', line: 'SHERPA_MODEL_DIR=…' };
    const { findSherpaModel } = await import('../adapters/sherpa/sherpa-model.ts');
    const { createSherpa } = await import('../adapters/sherpa/sherpa-speech-to-text.ts');
    const found = await findSherpaModel(sherpaModelDir);
    // Named, though perhaps not by STT_ENGINE: another engine instead of it would be a surprise.
    if ('problem' in found) throw unusable('SHERPA_MODEL_DIR', found.problem);
    return { engine: createSherpa({ model: found.model, log }) };
  },

  async openai({ speech: { openAi } }, log) {
    if (openAi === null) return { missing: 'needs a key or an address', line: 'OPENAI_API_KEY=…' };
    const { createOpenAiSpeechToText } = await import('../adapters/openai/openai-speech-to-text.ts');
    const { baseUrl, apiKey, sttModel: model } = openAi;
    return { engine: createOpenAiSpeechToText({ baseUrl, apiKey, model, log }) };
  },

  async aws({ audioBucket, speech: { sttEngine, transcribeEndpoint } }, log) {
    if (audioBucket === null) return { missing: 'needs a bucket', line: 'S3_AUDIO_BUCKET=…' };
    const isOfAws = audioBucket.endpoint === undefined || transcribeEndpoint !== undefined;
    if (!isOfAws && sttEngine !== 'aws') {
      return { missing: 'reads from a bucket of AWS', line: 'TRANSCRIBE_ENDPOINT=…' };
    }
    const [{ openS3Client }, { openTranscribeClient }, { createTranscribe }, { randomBytes }] =
      await Promise.all([
        import('../adapters/s3/s3-client.ts'),
        import('../adapters/aws-transcribe/transcribe-client.ts'),
        import('../adapters/aws-transcribe/transcribe-speech-to-text.ts'),
        import('node:crypto'),
      ]);
    const { bucket, ...service } = audioBucket;
    return {
      engine: createTranscribe({
        transcribe: openTranscribeClient({ region: service.region, endpoint: transcribeEndpoint }),
        s3: openS3Client(service),
        bucket,
        newId: () => randomBytes(16).toString('base64url'),
        log,
      }),
    };
  },

  async pocketsphinx({ searchPath }, log) {
    const { findPocketsphinx } = await import('../adapters/pocketsphinx/find-pocketsphinx.ts');
    const { createPocketsphinx } = await import('../adapters/pocketsphinx/pocketsphinx-speech-to-text.ts');
    const { program, model } = await findPocketsphinx(searchPath);
    if (program === null) {
      return { missing: 'is not installed', line: 'sudo apt install pocketsphinx pocketsphinx-en-us' };
    }
    if (model === null) return { missing: 'has no model', line: 'sudo apt install pocketsphinx-en-us' };
    return { engine: createPocketsphinx({ program, model, log }) };
  },
};
