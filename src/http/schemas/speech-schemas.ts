import { z } from 'zod';
import { MAX_SPEECH_CHARACTERS, MAX_SPEED, MIN_SPEED } from '../../domain/speech-text.ts';
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
