import type { Caller } from '../domain/caller.ts';
import { isEndless } from '../domain/play-mode.ts';
import type { PlayMode } from '../domain/play-mode.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import { authorizePlayback } from './authorize.ts';
import { planOrder, prepareListening, seedOn, today } from './stream-order.ts';
import type { OrderPorts, OrderRequest } from './stream-order.ts';

/** What a playlist file says of a stream. */
export interface StreamListing {
  readonly name: string;
  /** Its title, else its name. */
  readonly title: string;
  readonly playMode: PlayMode;
  /** null where it has no end. */
  readonly durationMs: number | null;
}

/** For whoever may hear it. @throws as `playStream` */
export async function describeListing(
  ports: OrderPorts,
  caller: Caller | null,
  request: OrderRequest,
): Promise<StreamListing> {
  const { name } = request;
  const isPublic = ports.policy.playback === 'public';
  const tenantId = authorizePlayback(caller, { kind: 'stream', name }, isPublic, DEFAULT_TENANT);
  const listening = await prepareListening(ports, tenantId, caller, request);
  const { stream, playMode } = listening;
  const listing = { name: stream.name, title: stream.title ?? stream.name, playMode };
  if (isEndless(playMode) && request.sleep === undefined) return { ...listing, durationMs: null };
  const { plan } = await planOrder(ports, listening, seedOn(ports, listening, today(ports)));
  return { ...listing, durationMs: plan.durationMs };
}
