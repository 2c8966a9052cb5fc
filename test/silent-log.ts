import type { Log } from '../src/domain/log.ts';

const ignore = () => undefined;

/** Of what is logged, nothing is kept. */
export const silentLog: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
