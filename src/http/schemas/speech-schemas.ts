import { z } from 'zod';
import { ERROR_CODES } from '../../domain/app-error.ts';
import { MAX_SPEECH_CHARACTERS, MAX_SPEED, MIN_SPEED } from '../../domain/speech-text.ts';
import type { EngineState, SpeechEngines } from '../../services/speech-engines.ts';
import { EXAMPLE } from './audio-schemas.ts';

export const speechOrderSchema = z
  .strictObject({
    filename: z
      .string()
      .max(500)
      .meta({
        description: 'Its name in the library; the extension becomes `.mp3`.',
        examples: ['story.mp3'],
      }),
    text: z.string().meta({
      description: `At most ${MAX_SPEECH_CHARACTERS} characters. What begins with \`<speak\` is SSML, where the engine takes it.`,
      examples: ['Once upon a time there was a hare.'],
    }),
    voice: z.string().min(1).max(200).optional().meta({
      description: 'The `id` of one of `GET /api/audio/tts/voices`; else the engine’s own.',
    }),
    speed: z.number().min(MIN_SPEED).max(MAX_SPEED).optional().meta({
      description: '1 is as the voice speaks. Engines have limits of their own, within which it is kept.',
    }),
    title: z.string().optional().meta({ description: 'Else its name.' }),
  })
  .meta({
    examples: [
      { filename: EXAMPLE.filename, text: 'Once upon a time there was a hare.', voice: 'en-US', speed: 1 },
    ],
  });

export const voicesAnswer = z
  .object({
    engine: z.enum(['espeak', 'openai', 'polly']),
    default: z.string().meta({ description: 'What speaks where no voice is named.' }),
    voices: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        language: z.string().meta({
          description: 'BCP 47; `*` for a voice that speaks whatever it is given.',
          examples: ['en-US'],
        }),
        gender: z.enum(['female', 'male', 'neutral', 'unknown']),
      }),
    ),
  })
  .meta({
    id: 'Voices',
    examples: [
      {
        engine: 'espeak',
        default: 'en-US',
        voices: [{ id: 'en-US', name: 'English (America)', language: 'en-US', gender: 'male' }],
      },
    ],
  });

const engineFields = {
  model: z.string(),
  is_local: z.boolean().meta({ description: 'Whether it works on the machine of the server.' }),
  answers: z.boolean().optional().meta({
    description:
      'Of one that is remote, whether it is there and takes the key. Absent where asking would cost.',
  }),
  problem: z
    .object({ code: z.enum(ERROR_CODES), detail: z.string() })
    .optional()
    .meta({ description: 'Why it does not answer.' }),
};

export const enginesAnswer = z
  .object({
    hearing: z
      .object({ engine: z.enum(['openai', 'aws', 'sherpa', 'pocketsphinx']), ...engineFields })
      .nullable()
      .meta({ description: 'What transcribes; null: transcripts are disabled.' }),
    hearing_hint: z
      .string()
      .optional()
      .meta({ description: 'The line that gets an engine that hears, for the operator.' }),
    speaking: z
      .object({
        engine: z.enum(['espeak', 'openai', 'polly']),
        ...engineFields,
        takes_ssml: z.boolean(),
        voice_count: z.int().optional().meta({ description: 'Absent where it does not answer.' }),
        default_voice: z.string().optional(),
      })
      .nullable()
      .meta({ description: 'What speaks; null: no text is spoken.' }),
  })
  .meta({
    id: 'SpeechEngines',
    examples: [
      {
        hearing: {
          engine: 'openai',
          model: 'whisper-1',
          is_local: false,
          answers: false,
          problem: {
            code: 'engine_unavailable',
            detail: 'The speech engine cannot be reached at the moment.',
          },
        },
        speaking: {
          engine: 'espeak',
          model: 'espeak-ng',
          is_local: true,
          answers: true,
          takes_ssml: true,
          voice_count: 131,
          default_voice: 'en-US',
        },
      },
    ],
  });

export function toWireEngines({
  hearing,
  hearingHint,
  speaking,
}: SpeechEngines): z.output<typeof enginesAnswer> {
  return {
    hearing: hearing && toWireEngine(hearing),
    ...(hearingHint !== '' && { hearing_hint: hearingHint }),
    speaking: speaking && {
      ...toWireEngine(speaking),
      takes_ssml: speaking.takesSsml,
      ...(speaking.voiceCount !== undefined && { voice_count: speaking.voiceCount }),
      ...(speaking.defaultVoice !== undefined && { default_voice: speaking.defaultVoice }),
    },
  };
}

const toWireEngine = <Kind extends string>({
  kind,
  model,
  isLocal,
  answers,
  problem,
}: EngineState<Kind>) => ({
  engine: kind,
  model,
  is_local: isLocal,
  ...(answers !== null && { answers }),
  ...(problem !== undefined && { problem: { code: problem.code, detail: problem.message } }),
});
