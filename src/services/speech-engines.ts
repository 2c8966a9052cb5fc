import { isAppError, type AppError } from '../domain/app-error.ts';
import type { Caller } from '../domain/caller.ts';
import type { SpeechToText } from '../domain/speech-to-text.ts';
import type { TextToSpeech } from '../domain/text-to-speech.ts';
import { authorize } from './authorize.ts';
import type { Ports } from './ports.ts';

export interface EngineState<Kind extends string> {
  readonly kind: Kind;
  readonly model: string;
  /** Whether it works on the machine of the server. */
  readonly isLocal: boolean;
  /** Of one that is remote, whether it is there and takes our key; null where asking would cost. */
  readonly answers: boolean | null;
  /** Why it does not. */
  readonly problem?: AppError | undefined;
}

export interface SpeakingState extends EngineState<TextToSpeech['kind']> {
  readonly takesSsml: boolean;
  /** Absent where it does not answer. */
  readonly voiceCount?: number | undefined;
  readonly defaultVoice?: string | undefined;
}

/** What hears and what speaks here; null where nothing does. */
export interface SpeechEngines {
  readonly hearing: EngineState<SpeechToText['kind']> | null;
  /** The line that gets an engine that hears; empty where there is one, or none is wanted. */
  readonly hearingHint: string;
  readonly speaking: SpeakingState | null;
}

type EnginePorts = Pick<Ports, 'clock' | 'log' | 'speechToText' | 'sttHint' | 'textToSpeech'>;

/** @throws unauthorized, forbidden */
export type DescribeEngines = (caller: Caller | null) => Promise<SpeechEngines>;

const LIMIT_MS = 10_000;
/** An engine may be asked over the network: however many ask here, it is asked so seldom. */
const HELD_MS = 10_000;

export function describeEngines(ports: EnginePorts): DescribeEngines {
  let held: { readonly atMs: number; readonly engines: Promise<SpeechEngines> } | null = null;
  return async (caller) => {
    authorize(caller, 'read');
    const nowMs = ports.clock();
    if (held === null || nowMs - held.atMs >= HELD_MS || nowMs < held.atMs) {
      const look = { atMs: nowMs, engines: lookAtEngines(ports) };
      held = look;
      look.engines.catch(() => {
        if (held === look) held = null;
      });
    }
    return held.engines;
  };
}

async function lookAtEngines(ports: EnginePorts): Promise<SpeechEngines> {
  const { speechToText, sttHint, textToSpeech } = ports;
  const signal = AbortSignal.timeout(LIMIT_MS);
  const [hearing, speaking] = await Promise.all([
    speechToText && lookAtHearing(ports, speechToText, signal),
    textToSpeech && lookAtSpeaking(ports, textToSpeech, signal),
  ]);
  return { hearing, hearingHint: sttHint, speaking };
}

async function lookAtHearing(
  ports: EnginePorts,
  engine: SpeechToText,
  signal: AbortSignal,
): Promise<EngineState<SpeechToText['kind']>> {
  const { kind, isLocal, probe } = engine;
  const { model } = await engine.describe();
  const state = { kind, model, isLocal };
  // One that works here was found when the server started.
  if (probe === undefined) return { ...state, answers: isLocal ? true : null };
  try {
    await probe(signal);
    return { ...state, answers: true };
  } catch (error) {
    return { ...state, answers: false, problem: engineProblem(ports, kind, error) };
  }
}

async function lookAtSpeaking(
  ports: EnginePorts,
  engine: TextToSpeech,
  signal: AbortSignal,
): Promise<SpeakingState> {
  const { kind, isLocal, takesSsml, probe } = engine;
  const { model } = await engine.describe();
  const state = { kind, model, isLocal, takesSsml };
  try {
    await probe?.(signal);
    const voices = await engine.voices(signal);
    const defaultVoice = await engine.defaultVoice(signal);
    return { ...state, answers: true, voiceCount: voices.length, defaultVoice };
  } catch (error) {
    return { ...state, answers: false, problem: engineProblem(ports, kind, error) };
  }
}

/** @throws what is no failure of an engine */
function engineProblem({ log }: Pick<Ports, 'log'>, engine: string, error: unknown): AppError {
  if (!isAppError(error) || error.code === 'internal') throw error;
  log.warn({ engine, code: error.code }, 'a speech engine does not answer');
  return error;
}
