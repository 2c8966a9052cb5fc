import type { Log } from '../domain/log.ts';
import type { Config } from './config.ts';
import { openHome, type Home } from './home.ts';
import { openLocalEngines } from './local-engines.ts';

/** A home with all engines, for workers inside this process. */
export type EmbeddedHome = Home;

/**
 * Opens, and on a fresh machine makes, all that the data lives in.
 * @throws storage_unavailable when the records, the audio or the temporary directory cannot be used
 */
export const openEmbeddedHome = (config: Config, log: Log): Promise<EmbeddedHome> =>
  openHome(config, log, openLocalEngines);
