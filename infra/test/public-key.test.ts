import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OptionError, readOptions } from '../lib/options.ts';
import { makePublicKey, temporaryDirectory } from './synthesised.ts';

const publicKeyEncoding = { type: 'spki', format: 'pem' } as const;
const privateKeyEncoding = { type: 'pkcs8', format: 'pem' } as const;
const rsa = (modulusLength: number) =>
  generateKeyPairSync('rsa', { modulusLength, publicKeyEncoding, privateKeyEncoding });
const onCurve = (namedCurve: string) =>
  generateKeyPairSync('ec', { namedCurve, publicKeyEncoding, privateKeyEncoding });

const WITH = { environment: 'dev', enable_cloudfront: 'true' };
const keyOf = (given: string) => readOptions({ ...WITH, cloudfront_public_key: given }).cloudfrontPublicKey;

function refusalOf(context: Record<string, string>): string {
  try {
    readOptions(context);
  } catch (error) {
    if (error instanceof OptionError) return error.message;
    throw error;
  }
  throw new Error('It was taken.');
}

describe('the public key of CloudFront’s addresses', () => {
  it('is taken as PEM, on one line too, or from a file', () => {
    for (const pem of [rsa(2048).publicKey, makePublicKey()]) {
      expect(keyOf(pem)).toBe(pem);
      expect(keyOf(pem.replaceAll('\n', '\\n'))).toBe(pem);
      const path = join(temporaryDirectory(), 'public.pem');
      writeFileSync(path, pem);
      expect(keyOf(path)).toBe(pem);
    }
  });

  it('is what openssl makes by the commands of docs/aws.md', () => {
    const cwd = temporaryDirectory();
    const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd, stdio: 'pipe' });
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', 'private.pem');
    openssl('pkey', '-in', 'private.pem', '-pubout', '-out', 'public.pem');
    expect(keyOf(join(cwd, 'public.pem'))).toContain('-----BEGIN PUBLIC KEY-----');
  });

  it('belongs to CloudFront, and CloudFront to it', () => {
    expect(refusalOf(WITH)).toContain('-c cloudfront_public_key=… is missing');
    expect(refusalOf({ environment: 'dev', cloudfront_public_key: makePublicKey() })).toContain(
      'of no use without -c enable_cloudfront=true',
    );
  });

  it.each([
    ['no file', '/nowhere/key.pem', 'neither a file that can be read nor a key'],
    ['the private key', onCurve('prime256v1').privateKey, 'that is the private key'],
    ['an RSA key that is too short', rsa(1024).publicKey, 'RSA keys of 2048 bits and ECDSA keys on P-256'],
    ['an RSA key that is too long', rsa(4096).publicKey, 'RSA keys of 2048 bits'],
    ['another curve', onCurve('secp384r1').publicKey, 'ECDSA keys on P-256'],
    [
      'another kind',
      generateKeyPairSync('ed25519', { publicKeyEncoding, privateKeyEncoding }).publicKey,
      'CloudFront takes',
    ],
    ['no key', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n', 'it has no public key'],
  ])('is refused with a sentence when it is %s, and not shown', (_what, given, sentence) => {
    const refusal = refusalOf({ ...WITH, cloudfront_public_key: given });
    expect(refusal).toContain('-c cloudfront_public_key=… cannot be used: ');
    expect(refusal).toContain(sentence);
    expect(refusal).not.toContain(given);
  });

  it('may lie in a file that is no key', () => {
    const path = join(temporaryDirectory(), 'notes.txt');
    writeFileSync(path, 'notes');
    expect(refusalOf({ ...WITH, cloudfront_public_key: path })).toContain('it has no public key as PEM');
  });
});
