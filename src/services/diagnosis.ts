import type { Caller } from '../domain/caller.ts';
import { authorizeOperator } from './authorize.ts';
import { checkReadiness, type ReadinessCheck, type ReadinessReport } from './check-readiness.ts';

/** What a look at one thing found: `warning` works but may surprise; `failed` keeps the server from working. */
export interface DiagnosisCheck {
  /** Stable, for programs. */
  readonly name: string;
  readonly status: DiagnosisStatus;
  /** For the operator: may name paths and variables, never a secret. */
  readonly detail: string;
}

export type DiagnosisStatus = 'ok' | 'warning' | 'failed';

/** Looks at all that the server needs. */
export type Diagnose = () => Promise<readonly DiagnosisCheck[]>;

export interface Diagnosis {
  /** The worst of them. */
  readonly status: DiagnosisStatus;
  readonly checks: readonly DiagnosisCheck[];
}

/** Tells the operator what a look found. @throws unauthorized, forbidden */
export async function getDiagnosis(diagnose: Diagnose, caller: Caller | null): Promise<Diagnosis> {
  authorizeOperator(caller);
  const checks = await diagnose();
  return { status: worstOf(checks), checks };
}

export function worstOf(checks: readonly Pick<DiagnosisCheck, 'status'>[]): DiagnosisStatus {
  const has = (status: DiagnosisStatus) => checks.some((check) => check.status === status);
  return has('failed') ? 'failed' : has('warning') ? 'warning' : 'ok';
}

/** Whoever asks while a look is under way is told what that one finds: each starts programs and asks stores. */
export function shareLooks(diagnose: Diagnose): Diagnose {
  let underWay: ReturnType<Diagnose> | null = null;
  return () => {
    underWay ??= diagnose().finally(() => (underWay = null));
    return underWay;
  };
}

const STATUS = { ok: 'ok', disabled: 'ok', degraded: 'warning', down: 'failed' } as const satisfies Record<
  ReadinessReport['status'],
  DiagnosisStatus
>;

/** Where nothing better looks: what `/ready` asks. @param report hears why one is down */
export function diagnoseByReadiness(
  checks: Readonly<Record<string, ReadinessCheck>>,
  report: (name: string, error: unknown) => void,
): Diagnose {
  return async () => {
    const readiness = await checkReadiness(checks, report);
    return Object.entries(readiness.checks).map(([name, { status, ...facts }]) => {
      const told = Object.entries(facts).map(([fact, value]) => `${fact} ${textOf(value)}`);
      return { name, status: STATUS[status], detail: [status, ...told].join(', ') };
    });
  };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
