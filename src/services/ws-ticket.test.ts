import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryPorts } from '../../test/memory-ports.ts';
import { newUser } from '../../test/sample-records.ts';
import { authenticateToken, LOCAL_CALLER } from './authenticate.ts';
import type { Ports } from './ports.ts';
import { hashSecretToken, newSecretToken } from './secret-token.ts';
import { issueWsTicket, redeemWsTicket } from './ws-ticket.ts';

describe('a ticket for a WebSocket', () => {
  let nowMs: number;
  let ports: Ports;
  let token: string;
  const callerOf = async () => {
    const caller = await authenticateToken(ports, token);
    if (caller === null) throw new Error('The session is not there.');
    return caller;
  };
  const issue = async () => issueWsTicket(ports, await callerOf()).ticket;
  const refused = { code: 'unauthorized' };

  beforeEach(async () => {
    nowMs = 1_800_000_000_000;
    ports = createMemoryPorts({ clock: () => nowMs });
    const user = await ports.users.create(newUser('anna'));
    token = newSecretToken('session');
    await ports.sessions.create({
      id: 's',
      tokenHash: hashSecretToken(token),
      userId: user.id,
      createdAtMs: nowMs,
      expiresAtMs: nowMs + 3_600_000,
    });
  });

  it('is for whoever asked for it, and tells nothing of the session', async () => {
    const ticket = await issue();
    expect(ticket).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(Buffer.from(ticket, 'base64url').toString('latin1')).not.toContain(hashSecretToken(token));
    expect(await redeemWsTicket(ports, ticket)).toMatchObject({ username: 'anna', sessionId: 's' });
  });

  it('opens once, in whichever instance', async () => {
    const ticket = await issue();
    const instances = [ports, { ...ports }, { ...ports }];
    const outcomes = await Promise.allSettled(instances.map((instance) => redeemWsTicket(instance, ticket)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    nowMs += 29_000;
    await expect(redeemWsTicket(ports, ticket)).rejects.toMatchObject(refused);
  });

  it('expires after half a minute', async () => {
    const ticket = await issue();
    nowMs += 30_000;
    await expect(redeemWsTicket(ports, ticket)).rejects.toMatchObject(refused);
  });

  it('is worth nothing once the session is revoked', async () => {
    const ticket = await issue();
    await ports.sessions.delete('s');
    await expect(redeemWsTicket(ports, ticket)).rejects.toMatchObject(refused);
  });

  it('cannot be made without the secret, nor out of another sealed text', async () => {
    const ticket = await issue();
    const changed = (ticket.startsWith('A') ? 'B' : 'A') + ticket.slice(1);
    for (const forged of ['', 'x', changed, ticket.slice(4), token]) {
      await expect(redeemWsTicket(ports, forged)).rejects.toMatchObject(refused);
    }
    const other = { ...ports, secret: new Uint8Array(32).fill(9) };
    await expect(redeemWsTicket(other, ticket)).rejects.toMatchObject(refused);
  });

  it('of a server that asks for no login opens only there', async () => {
    const { ticket } = issueWsTicket(ports, LOCAL_CALLER);
    await expect(redeemWsTicket(ports, ticket)).rejects.toMatchObject(refused);
    const open: Ports = { ...ports, policy: { ...ports.policy, auth: 'off' } };
    expect(await redeemWsTicket(open, issueWsTicket(open, LOCAL_CALLER).ticket)).toEqual(LOCAL_CALLER);
  });

  it('is for nobody who may not read', async () => {
    const caller = await callerOf();
    expect(() => issueWsTicket(ports, null)).toThrow(expect.objectContaining({ code: 'unauthorized' }));
    expect(() => issueWsTicket(ports, { ...caller, scopes: ['play'] })).toThrow(
      expect.objectContaining({ code: 'forbidden' }),
    );
  });
});
