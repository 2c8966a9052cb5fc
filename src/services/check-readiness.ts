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

/** The dependencies that every home has, asked through their ports. ffmpeg is asked until it has answered once. */
export function readinessChecks(
  ports: Pick<Ports, 'settings' | 'objects' | 'streams' | 'streamStorage' | 'queue' | 'mediaTool'>,
): Readonly<Record<string, ReadinessCheck>> {
  let ffmpeg: ReadinessReport | null = null;
  return {
    database: async () => {
      await ports.settings.find('readiness');
      return { status: 'ok' };
    },
    objects: async () => {
      await ports.objects.find('readiness');
      return { status: 'ok' };
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
    speech: async () => ({ status: 'disabled' }),
  };
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
