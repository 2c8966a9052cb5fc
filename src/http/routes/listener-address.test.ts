import { afterEach, describe, expect, it } from 'vitest';
import type { AppOptions } from '../app.ts';
import { openPlayingApp } from '../../../test/playing-app.ts';
import type { PlayingApp } from '../../../test/playing-app.ts';

const PROXY = '192.0.2.1';
const ANN = '198.51.100.7';
const BOB = '198.51.100.8';
const SHUFFLED = '/api/streams/s/stream.mp3?play_mode=shuffle';

describe('who listens without a credential', () => {
  let test: PlayingApp;
  const open = async (trustProxy: AppOptions['trustProxy']) => {
    test = await openPlayingApp({ policy: { playback: 'public' } }, { trustProxy });
  };
  afterEach(() => test.app.close());

  /** @param forwarded as `X-Forwarded-For` has it: whom each proxy has seen, the last one added by the nearest */
  async function seedOf(remoteAddress: string, forwarded?: string, userAgent = 'radio'): Promise<string> {
    const headers = { 'user-agent': userAgent, ...(forwarded && { 'x-forwarded-for': forwarded }) };
    const answer = await test.app.inject({ method: 'HEAD', url: SHUFFLED, remoteAddress, headers });
    expect(answer.statusCode).toBe(200);
    return String(answer.headers['x-seed']);
  }

  it('is told by the address that the nearest proxy saw, where that proxy is trusted', async () => {
    await open([PROXY]);
    const ann = await seedOf(PROXY, ANN);
    expect(await seedOf(PROXY, ANN)).toBe(ann);
    expect(await seedOf(PROXY, BOB)).not.toBe(ann);
    // Without the proxy in between it is the same listener.
    expect(await seedOf(ANN)).toBe(ann);
    expect(await seedOf(`::ffff:${ANN}`)).toBe(ann);
    expect(await seedOf(`::ffff:${PROXY}`, ANN)).toBe(ann);
    // What the listener writes in front of it is nobody's word.
    expect(await seedOf(PROXY, `${BOB}, ${ANN}`)).toBe(ann);
    expect(await seedOf(PROXY, ANN, 'phone')).not.toBe(ann);
  });

  it('goes through a chain of trusted proxies, by their network', async () => {
    await open(['192.0.2.0/24']);
    const ann = await seedOf(ANN);
    expect(await seedOf('192.0.2.9', `${ANN}, 192.0.2.77`)).toBe(ann);
    expect(await seedOf('192.0.2.9', `${ANN}, 203.0.113.5`)).not.toBe(ann);
  });

  it.each([
    ['nobody', false],
    ['others', ['203.0.113.1']],
  ] as const)('cannot be made up where %s is trusted', async (_whom, trustProxy) => {
    await open(trustProxy);
    const ann = await seedOf(ANN);
    for (const spoofed of [BOB, `${BOB}, ${PROXY}`, '127.0.0.1', 'nonsense', '']) {
      expect(await seedOf(ANN, spoofed)).toBe(ann);
    }
    expect(await seedOf(BOB)).not.toBe(ann);
  });
});
