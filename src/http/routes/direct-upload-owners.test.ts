import { describe, expect, it } from 'vitest';
import { PART_BYTES, TWO_PARTS, useDirectUploads, type Begun } from '../../../test/direct-upload-app.ts';

const HOUR_MS = 3_600_000;
const app = useDirectUploads();

describe('whose a direct upload is', () => {
  it('is whoever began it, by login or key', async () => {
    const begun = await app.sent('AUDIO one');
    const sameTenant = await app.test.addUser('bert', { isAdmin: true });
    const otherTenant = await app.test.addUser('anna2', { isAdmin: true, tenantId: 'others' });
    for (const { token } of [sameTenant, otherTenant]) {
      expect((await app.complete(begun, { token })).statusCode).toBe(404);
      expect((await app.abort(begun, { token })).statusCode).toBe(404);
    }
    const key = await app.call('POST', '/api/user/keys', { body: { name: 'k', scopes: ['write', 'read'] } });
    const { token } = key.json<{ token?: string; key?: string }>();
    expect((await app.complete(begun, token === undefined ? {} : { token })).statusCode).toBe(201);
  });

  it.each([
    'none',
    '..%2f..%2fetc%2fpasswd',
    '%00',
    'a'.repeat(900),
    `${'a'.repeat(22)}.zzzzzzzz.${'A'.repeat(43)}`,
    '{"requestId":1}',
  ])('is nobody for the id %s', async (id) => {
    const url = `/api/audio/uploads/${encodeURI(id)}`;
    expect((await app.call('POST', `${url}/complete`)).statusCode).toBe(404);
    expect((await app.call('DELETE', url)).statusCode).toBe(404);
    expect((await app.put(`${url}/parts/1?signature=${'A'.repeat(43)}`, 'AUDIO')).statusCode).toBe(404);
  });

  it('is told by the address of a part, of this one alone', async () => {
    const begun = await app.begin(TWO_PARTS);
    const other = await app.begin(TWO_PARTS, { filename: 'other' });
    const [first, second] = begun.parts.map(({ url }) => url);
    if (first === undefined || second === undefined) throw new Error('There are no parts.');
    const signature = new URL(first).searchParams.get('signature') ?? '';
    const path = (upload: Begun, number: string) => `/api/audio/uploads/${upload.upload_id}/parts/${number}`;
    for (const url of [
      path(begun, '1'),
      `${path(begun, '1')}?signature=`,
      `${path(begun, '1')}?signature=${signature.slice(1)}`,
      `${path(begun, '2')}?signature=${signature}`,
      `${path(other, '1')}?signature=${signature}`,
    ])
      expect((await app.put(url, TWO_PARTS.subarray(0, PART_BYTES))).statusCode).toBe(404);
    for (const number of ['0', '-1', '1.5', 'x', '10001'])
      expect((await app.put(`${path(begun, number)}?signature=${signature}`, 'x')).statusCode).toBe(400);
  });

  it('ends when its time is over', async () => {
    const begun = await app.sent('AUDIO one');
    app.wait(12 * HOUR_MS);
    expect((await app.put(begun.parts[0]?.url ?? '', 'AUDIO one')).statusCode).toBe(404);
    expect((await app.complete(begun)).statusCode).toBe(404);
    expect((await app.abort(begun)).statusCode).toBe(204);
    await app.expectNothingLeft(0);
  });
});

describe('aborting', () => {
  it('leaves nothing, once or twice', async () => {
    const begun = await app.sent('AUDIO one');
    for (let round = 0; round < 2; round += 1) {
      const answer = await app.abort(begun);
      expect([answer.statusCode, answer.body]).toEqual([204, '']);
    }
    expect((await app.put(begun.parts[0]?.url ?? '', 'AUDIO one')).statusCode).toBe(404);
    const answer = await app.complete(begun);
    expect([answer.statusCode, answer.json()]).toMatchObject([404, { code: 'not_found' }]);
    await app.expectNothingLeft(0);
  });

  it('leaves what was completed, also while it is still being taken in', async () => {
    app.test.hold();
    const begun = await app.sent('AUDIO one');
    expect((await app.complete(begun, { headers: { prefer: 'wait=0' } })).statusCode).toBe(202);
    expect((await app.abort(begun)).statusCode).toBe(204);
    app.test.release();
    expect((await app.complete(begun)).statusCode).toBe(201);
    expect((await app.abort(begun)).statusCode).toBe(204);
    await app.expectNothingLeft(1);
  });
});
