import { z } from 'zod';
import { LANGUAGE_TAG } from '../domain/language-tag.ts';
import { unusable } from './config-error.ts';
import { origin } from './origin.ts';

export const STT_ENGINES = ['openai', 'aws', 'sherpa', 'pocketsphinx'] as const;
export const TTS_ENGINES = ['openai', 'polly', 'espeak'] as const;

/** A server that speaks OpenAI's protocol. */
export interface OpenAiServer {
  /** Up to and with its version, without a slash at the end: `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  /** Servers of one's own need none. */
  readonly apiKey: string | undefined;
  readonly sttModel: string;
  readonly ttsModel: string;
}

/** What the environment says about speech. */
export interface SpeechConfig {
  readonly sttEngine: 'auto' | 'off' | (typeof STT_ENGINES)[number];
  readonly ttsEngine: 'auto' | 'off' | (typeof TTS_ENGINES)[number];
  /** null when neither a key nor an address is set. */
  readonly openAi: OpenAiServer | null;
  readonly sherpaModelDir: string | undefined;
  /** BCP 47, where a request names none. */
  readonly language: string | undefined;
  readonly transcribeOnUpload: boolean;
  /** Whether long pauses are left out of what an engine is given, beside silence at both ends. */
  readonly trimPauses: boolean;
  /** Transcriptions at once in this process. */
  readonly concurrency: number;
  /** Of the temporary files of all transcriptions together. */
  readonly workspaceBytes: number;
  /** 0: nothing is cached. */
  readonly cacheTtlMs: number;
  readonly debugUploads: 'off' | 'on-error' | 'always';
  /** Others than AWS's own. */
  readonly transcribeEndpoint: string | undefined;
  readonly pollyEndpoint: string | undefined;
  /** Of Transcribe and Polly. */
  readonly awsRegion: string | undefined;
}

const GIB = 1024 ** 3;
const DAY_MS = 86_400_000;

/** The variables of the environment that concern speech. */
export const SPEECH_VARIABLES = {
  STT_ENGINE: z.enum(['auto', 'off', ...STT_ENGINES]).default('auto'),
  TTS_ENGINE: z.enum(['auto', 'off', ...TTS_ENGINES]).default('auto'),
  OPENAI_API_KEY: z
    .string()
    .trim()
    .regex(/^[\x21-\x7e]+$/, 'a key without blanks and line breaks')
    .optional(),
  OPENAI_BASE_URL: origin.optional(),
  OPENAI_STT_MODEL: z
    .string()
    .regex(/^[\w.:/-]{1,100}$/, 'the name of a model')
    .default('whisper-1'),
  OPENAI_TTS_MODEL: z
    .string()
    .regex(/^[\w.:/-]{1,100}$/, 'the name of a model')
    .default('tts-1'),
  SHERPA_MODEL_DIR: z.string().optional(),
  SPEECH_LANGUAGE: z.string().regex(LANGUAGE_TAG, 'a language such as en or de-CH').optional(),
  TRANSCRIBE_ON_UPLOAD: z.enum(['off', 'on']).default('off'),
  TRIM_PAUSES: z.enum(['off', 'on']).default('off'),
  STT_CONCURRENCY: z.coerce.number().int().min(1).max(64).default(2),
  SPEECH_TEMP_GB: z.coerce.number('a number from 0.01 to 1000').min(0.01).max(1000).default(8),
  TRANSCRIPT_CACHE_DAYS: z.coerce.number('a number from 0 to 365').min(0).max(365).default(30),
  DEBUG_UPLOADS: z.enum(['off', 'on-error', 'always']).default('off'),
  TRANSCRIBE_ENDPOINT: origin.optional(),
  POLLY_ENDPOINT: origin.optional(),
};

type Variables = z.output<z.ZodObject<typeof SPEECH_VARIABLES>> & {
  readonly AWS_REGION?: string | undefined;
};

/** @param sherpaModelDir the variable as a path */
export function readSpeech(env: Variables, sherpaModelDir: string | undefined): SpeechConfig {
  const openAi = readOpenAi(env);
  for (const variable of ['STT_ENGINE', 'TTS_ENGINE'] as const) {
    if (env[variable] === 'openai' && openAi === null) {
      throw unusable(variable, 'openai needs OPENAI_API_KEY or OPENAI_BASE_URL');
    }
  }
  if (env.STT_ENGINE === 'sherpa' && sherpaModelDir === undefined) {
    throw unusable('STT_ENGINE', 'sherpa needs SHERPA_MODEL_DIR');
  }
  return {
    sttEngine: env.STT_ENGINE,
    ttsEngine: env.TTS_ENGINE,
    openAi,
    sherpaModelDir,
    language: env.SPEECH_LANGUAGE,
    transcribeOnUpload: env.TRANSCRIBE_ON_UPLOAD === 'on',
    trimPauses: env.TRIM_PAUSES === 'on',
    concurrency: env.STT_CONCURRENCY,
    workspaceBytes: env.SPEECH_TEMP_GB * GIB,
    cacheTtlMs: env.TRANSCRIPT_CACHE_DAYS * DAY_MS,
    debugUploads: env.DEBUG_UPLOADS,
    transcribeEndpoint: env.TRANSCRIBE_ENDPOINT,
    pollyEndpoint: env.POLLY_ENDPOINT,
    awsRegion: env.AWS_REGION,
  };
}

function readOpenAi(env: Variables): OpenAiServer | null {
  const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseUrl } = env;
  if (apiKey === undefined && baseUrl === undefined) return null;
  return {
    baseUrl: baseUrl ?? 'https://api.openai.com/v1',
    apiKey,
    sttModel: env.OPENAI_STT_MODEL,
    ttsModel: env.OPENAI_TTS_MODEL,
  };
}
