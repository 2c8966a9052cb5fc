import { AppError } from '../domain/app-error.ts';
import type { StoredStream } from '../domain/stream.ts';
import type { Ports } from './ports.ts';

/** For use cases that have authorized their caller already. @throws not_found */
export async function getStoredStream(
  ports: Pick<Ports, 'streams'>,
  tenantId: string,
  name: string,
): Promise<StoredStream> {
  const stream = await ports.streams.find(tenantId, name);
  if (stream === null) throw unknownStream(name);
  return stream;
}

/** For a name that was found to be unknown. */
export const unknownStream = (name: string): AppError =>
  new AppError('not_found', `There is no stream "${name}".`, { details: { name } });
