import { invalidRequest, type StandInAnswer, type StandInHandler } from './openai-stand-in.ts';

/** What the speech was asked with, the last last. */
export interface SpeechScript {
  readonly asked: Record<string, unknown>[];
  /** What it says that it sends. */
  contentType: string;
}

const FIELDS = ['model', 'input', 'voice', 'response_format', 'speed', 'instructions', 'stream_format'];
const MODELS = ['tts-1', 'tts-1-hd', 'gpt-4o-mini-tts'];
const OLD_VOICES = ['alloy', 'ash', 'coral', 'echo', 'fable', 'nova', 'onyx', 'sage', 'shimmer'];
const MAX_INPUT = 4096;
/** Of gpt models; a character of Chinese is one. */
const MAX_TOKENS = 2000;
/** 24 kHz, 16 bits. */
const BYTES_PER_CHARACTER = 3200;

/** `POST /v1/audio/speech`, as OpenAI documents it: a field that is off is refused. */
export function speechHandlers(script: SpeechScript): Record<string, StandInHandler> {
  return {
    'POST /v1/audio/speech': async ({ headers, body }) => {
      if (headers['content-type'] !== 'application/json') return invalidRequest('The request is no JSON.');
      const asked = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
      script.asked.push(asked);
      return complaint(asked) ?? speech(asked, script);
    },
  };
}

function complaint(asked: Record<string, unknown>): StandInAnswer | null {
  const unknown = Object.keys(asked).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) return invalidRequest(`Unknown parameter: ${unknown}.`, unknown);
  const { model, input, voice, response_format: format, speed } = asked;
  if (!MODELS.includes(String(model))) return invalidRequest(`No such model: ${String(model)}.`, 'model');
  if (typeof input !== 'string' || input === '') return invalidRequest('Input is empty.', 'input');
  if (Array.from(input).length > MAX_INPUT) return invalidRequest('Input is too long.', 'input');
  if (String(model).startsWith('gpt-') && Array.from(input).length > MAX_TOKENS)
    return invalidRequest('Input is over the maximum input limit of 2000 tokens.');
  if (model === 'tts-1' && !OLD_VOICES.includes(String(voice)))
    return invalidRequest('No such voice.', 'voice');
  if (format !== 'pcm') return invalidRequest('Not in this test.', 'response_format');
  const isSpeed = typeof speed === 'number' && speed >= 0.25 && speed <= 4;
  return isSpeed ? null : invalidRequest('Speed is from 0.25 to 4.0.', 'speed');
}

function speech({ input, speed }: Record<string, unknown>, { contentType }: SpeechScript): StandInAnswer {
  const bytes = Math.round((Array.from(String(input)).length * BYTES_PER_CHARACTER) / Number(speed) / 2) * 2;
  return { contentType, body: Buffer.alloc(bytes, 1) };
}
