import { AppError } from '../domain/app-error.ts';
import type { Caller } from '../domain/caller.ts';
import { parseFilename } from '../domain/filename.ts';
import type { Position, PositionTarget } from '../domain/position.ts';
import { parseStreamName } from '../domain/stream.ts';
import { getRecord } from './audio-files.ts';
import { authorize } from './authorize.ts';
import type { Ports } from './ports.ts';
import { getStoredStream } from './stored-stream.ts';

export type PositionKind = PositionTarget['kind'];
type PositionPorts = Pick<Ports, 'audioFiles' | 'streams' | 'positions' | 'clock'>;

/** Where the caller stopped listening. @throws not_found for an unknown file or stream, and when none is stored */
export async function getPosition(
  ports: PositionPorts,
  caller: Caller | null,
  kind: PositionKind,
  name: string,
): Promise<Position> {
  const target = await findTarget(ports, authorize(caller, 'play'), kind, name);
  const position = await ports.positions.find(target);
  if (position === null) throw new AppError('not_found', `There is no position in "${target.name}" yet.`);
  return position;
}

/** @throws not_found for an unknown file or stream */
export async function savePosition(
  ports: PositionPorts,
  caller: Caller | null,
  kind: PositionKind,
  name: string,
  positionMs: number,
): Promise<Position> {
  const target = await findTarget(ports, authorize(caller, 'play'), kind, name);
  const position = { positionMs: Math.round(positionMs), updatedAtMs: ports.clock() };
  await ports.positions.save(target, position);
  return position;
}

async function findTarget(
  ports: PositionPorts,
  caller: Caller,
  kind: PositionKind,
  rawName: string,
): Promise<PositionTarget> {
  const { tenantId, userId } = caller;
  const name = kind === 'file' ? parseFilename(rawName) : parseStreamName(rawName);
  if (kind === 'file') await getRecord(ports, tenantId, name);
  else await getStoredStream(ports, tenantId, name);
  return { tenantId, userId, kind, name };
}
