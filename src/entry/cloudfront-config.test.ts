import { describe, expect, it } from 'vitest';
import { makeEcdsaKeys, makeRsaKeys } from '../../test/servers/cloudfront-keys.ts';
import { readConfig } from './config.ts';
import { ConfigError } from './config-error.ts';

const BUCKET = { S3_AUDIO_BUCKET: 'audio', AWS_REGION: 'eu-central-1' };
const { privateKey, publicKey } = makeEcdsaKeys();
const ALL = {
  CLOUDFRONT_URL: 'https://d111111abcdef8.cloudfront.net/',
  CLOUDFRONT_KEY_PAIR_ID: 'K2JCJMDEHXQW5F',
  CLOUDFRONT_PRIVATE_KEY: privateKey,
};

function refusalOf(environment: Record<string, string>): string {
  try {
    readConfig(environment, '/');
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    const message = (error as Error).message;
    expect(message).not.toMatch(/-----BEGIN|secret/);
    expect((error as Error).cause).toBeUndefined();
    return message;
  }
  throw new Error('It was taken.');
}

describe('CloudFront in front of the bucket', () => {
  it('is there when all of it is told, by a key of either kind', () => {
    expect(readConfig(BUCKET, '/').cloudFront).toBeNull();
    expect(readConfig({ ...BUCKET, ...ALL }, '/').cloudFront).toEqual({
      url: 'https://d111111abcdef8.cloudfront.net',
      keyPairId: 'K2JCJMDEHXQW5F',
      privateKey,
    });
    const rsa = makeRsaKeys().privateKey;
    expect(readConfig({ ...BUCKET, ...ALL, CLOUDFRONT_PRIVATE_KEY: rsa }, '/').cloudFront?.privateKey).toBe(
      rsa,
    );
    const onOneLine = { ...BUCKET, ...ALL, CLOUDFRONT_PRIVATE_KEY: privateKey.replaceAll('\n', '\\n') };
    expect(readConfig(onOneLine, '/').cloudFront?.privateKey).toBe(privateKey);
  });

  it.each(Object.keys(ALL))('is not half there: %s', (name) => {
    const { [name as keyof typeof ALL]: value, ...others } = ALL;
    expect(refusalOf({ ...BUCKET, [name]: value })).toContain('belong together');
    const refusal = refusalOf({ ...BUCKET, ...others });
    expect(refusal).toContain(`  ${name}: `);
    expect(refusal).toContain('belong together');
  });

  it('needs a bucket', () => {
    expect(refusalOf(ALL)).toContain('CLOUDFRONT_URL: needs S3_AUDIO_BUCKET');
  });

  it.each([
    ['CLOUDFRONT_PRIVATE_KEY', 'secret'],
    ['CLOUDFRONT_PRIVATE_KEY', publicKey],
    ['CLOUDFRONT_PRIVATE_KEY', makeRsaKeys(1024).privateKey],
    ['CLOUDFRONT_PRIVATE_KEY', makeEcdsaKeys('secp384r1').privateKey],
    ['CLOUDFRONT_KEY_PAIR_ID', 'a b'],
    ['CLOUDFRONT_URL', 'cloudfront.net'],
  ])('refuses a %s that cannot be used', (name, value) => {
    expect(refusalOf({ ...BUCKET, ...ALL, [name]: value })).toContain(`  ${name}: `);
  });
});
