import { afterEach, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp } from '../../../test/test-app.ts';
import type { DiagnosisCheck } from '../../services/diagnosis.ts';

let test: TestApp;
afterEach(() => test.app.close());

const ask = (token?: string) =>
  test.request('GET', '/api/admin/diagnosis', token === undefined ? {} : { token });

describe('the diagnosis', () => {
  it('is told to the operator alone', async () => {
    const checks: readonly DiagnosisCheck[] = [
      { name: 'ffmpeg', status: 'ok', detail: 'ffmpeg 7.1 at /usr/bin/ffmpeg' },
      { name: 'space', status: 'warning', detail: '0.4 GB free where the data lives' },
    ];
    let looks = 0;
    const diagnose = async () => {
      looks += 1;
      return checks;
    };
    test = await openTestApp({}, { diagnose });
    const user = await test.addUser('ann');
    const neighbour = await test.addUser('bob', { isAdmin: true, tenantId: 'others' });
    const refused = [await ask(), await ask(user.token), await ask(neighbour.token)];
    expect(refused.map(({ statusCode }) => statusCode)).toEqual([401, 403, 403]);
    expect(looks).toBe(0);
    const root = await test.addUser('root', { isAdmin: true });
    const answer = await ask(root.token);
    expect(answer.json()).toEqual({
      version: '1.2.3',
      node: process.versions.node,
      status: 'warning',
      checks,
    });
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('is looked for once for all who ask at the same time, and anew for who comes later', async () => {
    let looks = 0;
    const { promise: awaited, resolve: tell } = Promise.withResolvers<void>();
    const diagnose = async () => {
      looks += 1;
      await awaited;
      if (looks === 1) throw new Error('a look that fails is not kept');
      return [];
    };
    test = await openTestApp({}, { diagnose });
    const { token } = await test.addUser('root', { isAdmin: true });
    const both = Promise.all([ask(token), ask(token)]);
    await expect.poll(() => looks).toBe(1);
    tell();
    expect((await both).map(({ statusCode }) => statusCode)).toEqual([500, 500]);
    expect((await ask(token)).json()).toMatchObject({ status: 'ok', checks: [] });
    expect(looks).toBe(2);
  });

  it('is what /ready asks where nothing better looks', async () => {
    test = await openTestApp(
      {},
      {
        checks: {
          ffmpeg: async () => ({ status: 'ok', kind: 'native', version: '7.1' }),
          queue: () => Promise.reject(new Error('secret of a vendor')),
        },
      },
    );
    const { token } = await test.addUser('root', { isAdmin: true });
    const answer = await ask(token);
    const { status, checks } = answer.json<{ status: string; checks: DiagnosisCheck[] }>();
    expect(status).toBe('failed');
    expect(checks).toEqual(
      expect.arrayContaining([
        { name: 'ffmpeg', status: 'ok', detail: 'ok, kind native, version 7.1' },
        { name: 'queue', status: 'failed', detail: 'down' },
        { name: 'streams', status: 'ok', detail: 'ok, kind memory, persistent false' },
      ]),
    );
    expect(answer.body).not.toContain('vendor');
  });
});
