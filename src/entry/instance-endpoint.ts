import { networkInterfaces } from 'node:os';
import type { AddressInfo } from 'node:net';

/**
 * Where the other instances of this server reach it: as configured, else at the address it listens on, else, when it
 * listens on all of them, at the machine's first that is not its own alone.
 */
export function instanceEndpoint(configured: string | null, { address, family, port }: AddressInfo): string {
  if (configured !== null) return configured;
  const isEverywhere = address === '0.0.0.0' || address === '::';
  if (!isEverywhere) return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  const outward = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find((each) => each.family === 'IPv4' && !each.internal);
  return `http://${outward?.address ?? '127.0.0.1'}:${port}`;
}
