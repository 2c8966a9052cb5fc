import { AppError } from '../../domain/app-error.ts';
import type { PayloadSchema } from '../../domain/payload-schema.ts';
import type { AsyncRequest } from '../../domain/request.ts';
import { toWhole } from '../lead-to-whole.ts';
import type { Ports } from '../ports.ts';
import { planOrder, prepareListening, type OrderPorts } from '../stream-order.ts';
import { DEFAULT_RETRY, type QueuedAction } from './action.ts';

/** What is to be made: the finite MP3 that is heard with these, as long as it is the one that was asked for. */
export interface MakeStreamPayload {
  readonly name: string;
  readonly play_mode: string;
  readonly seed: number;
  readonly from_ms?: number | undefined;
  readonly sleep_ms?: number | undefined;
  readonly sleep_mode?: 'track' | 'exact' | undefined;
  readonly skip_missing?: boolean | undefined;
  /** Of the plan; without it, whatever is heard now. */
  readonly etag?: string | undefined;
}

type MakeStreamPorts = OrderPorts & Pick<Ports, 'wholeObjects'>;

const EXPECTED_MS = 15_000;
const NOBODY = { address: '', userAgent: '' };

/** Makes the MP3 of a whole stream an object, for homes whose answers are bounded. */
export function makeStreamAction(
  ports: MakeStreamPorts,
  payload: PayloadSchema<MakeStreamPayload>,
): QueuedAction<MakeStreamPayload> {
  return {
    kind: 'queued',
    name: 'make_stream',
    summary: 'Makes the whole MP3 of a finite stream an object of the bucket, from which it is played.',
    permission: 'write',
    payload,
    expectedMs: EXPECTED_MS,
    concurrency: 2,
    retry: DEFAULT_RETRY,

    async handle(request: AsyncRequest, { signal }) {
      const { wholeObjects } = ports;
      if (wholeObjects === null) {
        throw new AppError(
          'conflict',
          'Audio lives in a directory here: nothing has to be made for players.',
        );
      }
      const wanted = request.payload as unknown as MakeStreamPayload;
      const listening = await prepareListening(ports, request.tenantId, null, {
        name: wanted.name,
        playMode: wanted.play_mode,
        seed: wanted.seed,
        fromMs: wanted.from_ms,
        sleep:
          wanted.sleep_ms === undefined
            ? undefined
            : { ms: wanted.sleep_ms, mode: wanted.sleep_mode ?? 'track' },
        skipMissing: wanted.skip_missing ?? false,
        listener: NOBODY,
        signal,
      });
      const { plan } = await planOrder(ports, listening, wanted.seed);
      if (wanted.etag !== undefined && wanted.etag !== plan.etag) {
        // It was edited meanwhile: nobody asks for that one any more.
        return { etag: plan.etag, made: false };
      }
      const whole = toWhole(ports, plan);
      const found = await wholeObjects.find(whole.key);
      if (found?.sizeBytes !== whole.sizeBytes) await wholeObjects.make(whole, signal);
      return { etag: plan.etag, size: plan.totalBytes, made: true };
    },
  };
}
