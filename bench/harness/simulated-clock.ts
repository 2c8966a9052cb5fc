export interface SimulatedClock {
  /** From the first call on it is this time, in milliseconds since 1970; never an earlier one than before. */
  set(nowMs: number): void;
  stop(): void;
}

/** Has `Date.now`, in this process, say what it is told: an hour of listening passes in seconds. Whoever takes it as their
 * clock does so after this. */
export function startSimulatedClock(): SimulatedClock {
  const { now } = Date;
  let simulatedMs: number | null = null;
  Date.now = () => simulatedMs ?? now();
  return {
    set: (nowMs) => (simulatedMs = Math.max(simulatedMs ?? 0, nowMs)),
    stop: () => (Date.now = now),
  };
}
