import { createVerify } from 'node:crypto';

/** What a distribution trusts. */
export interface TrustedKey {
  readonly keyPairId: string;
  /** PEM. */
  readonly publicKey: string;
}

const OWN_PARAMETERS = ['Expires', 'Key-Pair-Id', 'Signature', 'Hash-Algorithm'];

/**
 * Looks at an address with a canned policy as CloudFront does: the policy is made out again, of the address and its time.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html
 *
 * @returns the query that goes on to the origin, as it was sent; null when the address opens nothing
 */
export function openSignedUrl(
  signed: string,
  { keyPairId, publicKey }: TrustedKey,
  nowMs: number,
): string | null {
  const [base = '', query = ''] = signed.split('?');
  const pairs = query.split('&');
  const own = new Map(
    pairs
      .map((pair) => pair.split('='))
      .filter(([name = '']) => OWN_PARAMETERS.includes(name))
      .map(([name = '', value = '']) => [name, decodeURIComponent(value)]),
  );
  const rest = pairs.filter((pair) => !OWN_PARAMETERS.includes(pair.split('=')[0] ?? '')).join('&');
  const expires = Number(own.get('Expires'));
  if (own.get('Key-Pair-Id') !== keyPairId || !(expires * 1000 > nowMs)) return null;
  const resource = rest === '' ? base : `${base}?${rest}`;
  const policy = `{"Statement":[{"Resource":"${resource}","Condition":{"DateLessThan":{"AWS:EpochTime":${expires}}}}]}`;
  const signature = (own.get('Signature') ?? '').replace(
    /[-_~]/g,
    (sign) => ({ '-': '+', _: '=', '~': '/' })[sign] ?? '',
  );
  const hash = own.get('Hash-Algorithm') === 'SHA256' ? 'sha256' : 'sha1';
  return createVerify(hash).update(policy).verify(publicKey, signature, 'base64') ? rest : null;
}
