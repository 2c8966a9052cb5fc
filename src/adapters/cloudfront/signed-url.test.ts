import { describe, expect, it } from 'vitest';
import { makeEcdsaKeys, makeRsaKeys } from '../../../test/servers/cloudfront-keys.ts';
import { openSignedUrl } from '../../../test/servers/cloudfront-signature.ts';
import { presignByCloudFront } from './signed-url.ts';

const URL_OF_IT = 'https://d111111abcdef8.cloudfront.net';
const NOW_MS = 1_800_000_000_400;
const MADE = 'made/0f1e.mp3';
const ANSWER = { expiresInS: 3600, contentType: 'audio/mpeg' };

describe.each([
  ['RSA', makeRsaKeys()],
  ['ECDSA', makeEcdsaKeys()],
])('addresses of CloudFront by %s', (_kind, { publicKey, privateKey }) => {
  const trusted = { keyPairId: 'K2JCJMDEHXQW5F', publicKey };
  const presign = presignByCloudFront({ url: URL_OF_IT, ...trusted, privateKey }, () => NOW_MS);

  it('open one object until they expire', async () => {
    const signed = await presign(MADE, ANSWER);
    expect(signed).toMatch(/^https:\/\/d111111abcdef8\.cloudfront\.net\/made\/0f1e\.mp3\?/);
    expect(openSignedUrl(signed, trusted, NOW_MS)).toBe('response-content-type=audio%2Fmpeg');
    expect(new URL(signed).searchParams.get('Expires')).toBe(String(Math.round(NOW_MS / 1000) + 3600));
    expect(openSignedUrl(signed, trusted, NOW_MS + 3_599_000)).not.toBeNull();
    expect(openSignedUrl(signed, trusted, NOW_MS + 3_600_000)).toBeNull();
  });

  it('open nothing else, and not with other headers', async () => {
    const signed = await presign(MADE, ANSWER);
    for (const [from, to] of [
      ['0f1e', '0f1f'],
      ['audio%2Fmpeg', 'text%2Fhtml'],
      ['Expires=18', 'Expires=19'],
      ['cloudfront.net', 'other.example'],
    ] as const) {
      expect(signed).toContain(from);
      expect(openSignedUrl(signed.replace(from, to), trusted, NOW_MS)).toBeNull();
    }
    const other = { ...trusted, publicKey: makeEcdsaKeys().publicKey };
    expect(openSignedUrl(signed, other, NOW_MS)).toBeNull();
    expect(openSignedUrl(signed, { ...trusted, keyPairId: 'KOTHER' }, NOW_MS)).toBeNull();
  });

  it('say what a download is called, with no sign that means something in a policy', async () => {
    const contentDisposition = `attachment; filename="Gr__e*(1)!.wav"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.wav`;
    const signed = await presign('originals/ab.wav', { ...ANSWER, contentDisposition });
    const query = openSignedUrl(signed, trusted, NOW_MS);
    expect(query).not.toMatch(/[*'()!+ ]/);
    const parameters = new URLSearchParams(query ?? '');
    expect(parameters.get('response-content-disposition')).toBe(contentDisposition);
  });
});

describe('addresses of CloudFront', () => {
  const { privateKey } = makeEcdsaKeys();
  const presign = presignByCloudFront({ url: URL_OF_IT, keyPairId: 'KEY', privateKey }, Date.now);

  it.each(['uploads/a', 'transcripts/a.json', 'made/../uploads/a', 'made', '/made/a.mp3', 'a.mp3'])(
    'are not made for %s',
    async (key) => {
      await expect(presign(key, ANSWER)).rejects.toMatchObject({ code: 'invalid_input' });
    },
  );

  it.each([0, 1.5, 604_801, Number.NaN])('are not made for %s seconds', async (expiresInS) => {
    await expect(presign(MADE, { ...ANSWER, expiresInS })).rejects.toMatchObject({ code: 'invalid_input' });
  });
});
