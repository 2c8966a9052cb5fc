import type { Ports } from '../../services/ports.ts';
import { ConfigError } from '../config-error.ts';

/** @throws ConfigError where this process would see streams of its own, and not the server's */
export function requireKeptStreams(ports: Pick<Ports, 'streamStorage'>): void {
  if (ports.streamStorage.persistent) return;
  throw new ConfigError(
    'Stream definitions live in the memory of the server here; ask it over HTTP instead.',
  );
}
