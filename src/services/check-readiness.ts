import { isAppError } from '../domain/app-error.ts';
import { UPLOAD_PREFIX } from '../domain/object-key.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import type { Ports } from './ports.ts';

export type ReadinessStatus = 'ok' | 'degraded' | 'disabled' | 'down';

/** What one dependency says of itself, beside its status; no path and no vendor's message in it. */
export type ReadinessReport = { readonly status: ReadinessStatus } & Readonly<Record<string, unknown>>;

/** @throws whatever it likes when the dependency is down */
export type ReadinessCheck = () => Promise<ReadinessReport>;

export interface Readiness {
  /** Whether nothing is down. Degraded and disabled things do not keep the service from working. */
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, ReadinessReport>>;
}

const TIMEOUT_MS = 3000;
/** Whoever asks may do so without a login: it must not keep the disk busy. */
const PROBE_INTERVAL_MS = 1000;
/** Should it ever be left behind, it is swept as an upload that nobody awaits. */
const PROBE_KEY = `${UPLOAD_PREFIX}readiness`;

/** The dependencies that every home has, asked through their ports. ffmpeg is asked until it has answered once. */
export function readinessChecks(
  ports: Pick<
    Ports,
    | 'settings'
    | 'objects'
    | 'streams'
    | 'streamStorage'
    | 'queue'
    | 'mediaTool'
    | 'clock'
    | 'speechToText'
    | 'sttHint'
    | 'textToSpeech'
  >,
): Readonly<Record<string, ReadinessCheck>> {
  let ffmpeg: ReadinessReport | null = null;
  let written: { readonly atMs: number; readonly report: Promise<ReadinessReport> } | null = null;
  return {
    database: async () => {
      await ports.settings.find('readiness');
      return { status: 'ok' };
    },
    objects: async () => {
      if (
        written === null ||
        ports.clock() - written.atMs >= PROBE_INTERVAL_MS ||
        ports.clock() < written.atMs
      ) {
        written = { atMs: ports.clock(), report: probeObjects(ports) };
      }
      return written.report;
    },
    streams: async () => {
      await ports.streams.find(DEFAULT_TENANT, 'readiness');
      const { kind, persistent, detail } = ports.streamStorage;
      const status = detail === undefined ? 'ok' : 'degraded';
      return { status, kind, persistent, ...(detail === undefined ? {} : { detail }) };
    },
    queue: async () => ({ status: 'ok', open: await ports.queue.countOpen() }),
    ffmpeg: async () => {
      if (ffmpeg !== null) return ffmpeg;
      const { kind, version } = await ports.mediaTool.describe();
      ffmpeg = { status: 'ok', kind, version };
      return ffmpeg;
    },
    speech: async () => {
      const { speechToText, textToSpeech, sttHint: hint } = ports;
      const [stt, tts] = await Promise.all([nameOf(speechToText), nameOf(textToSpeech)]);
      const status = stt === null && tts === null ? 'disabled' : 'ok';
      return { status, stt, tts, ...(hint !== '' && { hint }) };
    },
  };
}

/** Which engine it is, not whether it is up: whoever asks may do so without a login, and one that is remote costs money. */
async function nameOf(
  engine: Ports['speechToText'] | Ports['textToSpeech'],
): Promise<{ kind: string; model: string } | null> {
  if (engine === null) return null;
  const { kind, model } = await engine.describe();
  return { kind, model };
}

/** A look alone would find nothing wrong with a directory that cannot be written. */
async function probeObjects({ objects }: Pick<Ports, 'objects'>): Promise<ReadinessReport> {
  try {
    await objects.write(PROBE_KEY, [new Uint8Array(1)]);
    await objects.delete(PROBE_KEY);
    return { status: 'ok' };
  } catch (error) {
    // What is there plays on.
    if (!isAppError(error, 'insufficient_storage')) throw error;
    return { status: 'degraded', detail: 'There is no room left: nothing can be taken in.' };
  }
}

/** Asks all at once; whoever throws, or takes longer than three seconds, is down, and `report` hears why. */
export async function checkReadiness(
  checks: Readonly<Record<string, ReadinessCheck>>,
  report: (name: string, error: unknown) => void,
): Promise<Readiness> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]): Promise<[string, ReadinessReport]> => {
      try {
        return [name, await withTimeout(check)];
      } catch (error) {
        report(name, error);
        return [name, { status: 'down' }];
      }
    }),
  );
  const ready = results.every(([, { status }]) => status !== 'down');
  return { ready, checks: Object.fromEntries(results) };
}

async function withTimeout(check: ReadinessCheck): Promise<ReadinessReport> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new Error(`no answer within ${TIMEOUT_MS} ms`));
  }, TIMEOUT_MS);
  try {
    return await Promise.race([check(), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
