import { AppError } from '../../domain/app-error.ts';
import type { PayloadSchema } from '../../domain/payload-schema.ts';
import { speechTextKey } from '../../domain/speech-key.ts';
import { orderSpeech, type OrderSpeechPorts, type SpeechOrder } from '../order-speech.ts';
import { parseSpeechJob } from '../speech-job.ts';
import { DEFAULT_RETRY, type QueuedAction } from './action.ts';
import { CANCELLED, generateTts, settleSpeech, type GenerateTtsPorts } from './generate-tts.ts';

/** A page of text. */
const EXPECTED_MS = 10_000;
/** Where the engine works on this machine, a process of its own belongs to each. */
const CONCURRENCY = 2;

/** Speaks a text into a file of the library. */
export function generateTtsAction(
  ports: GenerateTtsPorts & OrderSpeechPorts,
  payload: PayloadSchema<SpeechOrder>,
): QueuedAction<SpeechOrder> {
  return {
    kind: 'queued',
    name: 'generate_tts',
    summary: 'Speaks a text into a file of the library; the text becomes its transcript.',
    permission: 'write',
    payload,
    expectedMs: EXPECTED_MS,
    concurrency: CONCURRENCY,
    retry: DEFAULT_RETRY,

    async submit(caller, order, origin) {
      const { requestId } = await orderSpeech(ports, caller, order, origin);
      return { kind: 'queued', requestId };
    },

    async checkRetry({ requestId }) {
      if ((await ports.objects.find(speechTextKey(requestId))) !== null) return;
      throw new AppError('conflict', 'The text is not kept any more. Ask for it again.');
    },

    onCancelled: (request) => settleSpeech(ports, parseSpeechJob(request), CANCELLED),

    handle: (request, context) => generateTts(ports, request, context),
  };
}
