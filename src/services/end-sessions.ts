import type { Caller } from '../domain/caller.ts';
import type { Ports } from './ports.ts';

type SessionPorts = Pick<Ports, 'sessions' | 'streams'>;

/** Ends the caller's own session at once, and the session streams with it. Nothing to do for any other caller. */
export async function logOut(ports: SessionPorts, caller: Caller | null): Promise<void> {
  if (caller?.sessionId === undefined) return;
  await ports.sessions.delete(caller.sessionId);
  await ports.streams.deleteBySession(caller.tenantId, caller.sessionId);
}

/** Ends all sessions of a user but `exceptId`, with their session streams. */
export async function endSessionsOfUser(
  ports: SessionPorts,
  user: { readonly id: string; readonly tenantId: string },
  exceptId?: string,
): Promise<void> {
  const ended = await ports.sessions.deleteByUser(user.id, exceptId);
  for (const sessionId of ended) await ports.streams.deleteBySession(user.tenantId, sessionId);
}
