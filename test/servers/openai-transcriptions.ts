import { invalidRequest, refused, type StandInAnswer, type StandInHandler } from './openai-stand-in.ts';

export interface HeardSegment {
  /** Seconds. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly no_speech_prob?: number;
  readonly avg_logprob?: number;
}

/** What the next transcriptions give, and what the last one was asked with. */
export interface TranscriptionScript {
  segments: readonly HeardSegment[];
  language: string;
  readonly asked: Record<string, string>[];
}

const FIELDS = ['file', 'model', 'response_format', 'timestamp_granularities[]', 'language'];
const MODELS = ['whisper-1', 'gpt-4o-transcribe'];

/** `POST /v1/audio/transcriptions`, as OpenAI documents it: a field that is off is refused. */
export function transcriptionHandlers(script: TranscriptionScript): Record<string, StandInHandler> {
  return {
    'POST /v1/audio/transcriptions': async ({ headers, body }) => {
      const contentType = headers['content-type'] ?? '';
      if (!contentType.startsWith('multipart/form-data; boundary=')) {
        return invalidRequest('The request is no form.');
      }
      const form = await new Response(new Uint8Array(body), {
        headers: { 'content-type': contentType },
      }).formData();
      script.asked.push(textFields(form));
      return (await complaint(form)) ?? transcription(form, script);
    },
  };
}

const textFields = (form: FormData): Record<string, string> =>
  Object.fromEntries([...form].filter((entry): entry is [string, string] => typeof entry[1] === 'string'));

async function complaint(form: FormData): Promise<StandInAnswer | null> {
  for (const name of form.keys()) {
    if (!FIELDS.includes(name)) return invalidRequest(`Unknown parameter: ${name}`, name);
  }
  const file = form.get('file');
  const { model, response_format: format, language = 'en' } = textFields(form);
  const granularities = form.getAll('timestamp_granularities[]');
  if (!(file instanceof File) || file.type !== 'audio/mpeg' || !file.name.endsWith('.mp3')) {
    return invalidRequest('Invalid file format. Supported formats: mp3', 'file');
  }
  const head = Buffer.from(await file.slice(0, 3).arrayBuffer());
  const isMp3 = head.toString('latin1') === 'ID3' || (head.length > 1 && head.readUInt16BE() >= 0xffe0);
  if (!isMp3) {
    return invalidRequest('The audio file could not be decoded or its format is not supported.');
  }
  if (model === undefined || !MODELS.includes(model)) {
    return refused(404, {
      message: `The model does not exist`,
      type: 'invalid_request_error',
      code: 'model_not_found',
    });
  }
  if (!/^[a-z]{2,3}$/.test(language)) return invalidRequest('Language must be in ISO-639-1', 'language');
  if (format === 'verbose_json' && model !== 'whisper-1') {
    const message = `response_format 'verbose_json' is not compatible with model '${model}'. Use 'json' instead.`;
    return refused(400, {
      message,
      type: 'invalid_request_error',
      param: 'response_format',
      code: 'unsupported_value',
    });
  }
  const wanted = format === 'verbose_json' ? ['segment'] : [];
  if (
    JSON.stringify(granularities) !== JSON.stringify(wanted) ||
    (format !== 'json' && wanted.length === 0)
  ) {
    return invalidRequest('Timestamps are of verbose_json.', 'timestamp_granularities');
  }
  return null;
}

function transcription(form: FormData, { segments, language }: TranscriptionScript): StandInAnswer {
  const text = segments.map((segment) => segment.text).join('');
  const verbose = { task: 'transcribe', language, duration: segments.at(-1)?.end ?? 0, text, segments };
  const isVerbose = form.get('response_format') === 'verbose_json';
  return { contentType: 'application/json', body: JSON.stringify(isVerbose ? verbose : { text }) };
}
