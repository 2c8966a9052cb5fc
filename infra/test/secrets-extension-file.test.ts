import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { temporaryDirectory } from './synthesised.ts';
import { fetchSecretsExtension } from '../lib/secrets-extension-file.ts';

const ZIP = Buffer.from('PK: what AWS would send');
const path = process.env['PATH'];
let server: Server;
let directory: string;

/** A stand-in of the `aws` command, which answers with `content` and writes down what it was asked. */
function standIn(content: { Location: string; CodeSha256: string }): void {
  const file = join(directory, 'bin', 'aws');
  writeFileSync(file, `#!/bin/sh\necho "$@" > ${directory}/asked\ncat ${directory}/content\n`);
  chmodSync(file, 0o755);
  writeFileSync(join(directory, 'content'), JSON.stringify(content));
}

beforeAll(async () => {
  server = createServer((request, response) => {
    response.statusCode = request.url === '/layer' ? 200 : 403;
    response.end(request.url === '/layer' ? ZIP : 'no');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  process.env['PATH'] = path;
  server.close();
});

beforeEach(() => {
  directory = temporaryDirectory();
  mkdirSync(join(directory, 'bin'));
  process.env['PATH'] = `${join(directory, 'bin')}${delimiter}${path}`;
});

const addressOf = (name: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}`;
const hash = createHash('sha256').update(ZIP).digest('base64');

it('fetches what AWS has for the region', async () => {
  standIn({ Location: addressOf('layer'), CodeSha256: hash });
  const target = join(directory, 'dist', 'secrets-extension.zip');
  const arn = await fetchSecretsExtension('eu-central-1', target);
  expect(arn).toMatch(
    /^arn:aws:lambda:eu-central-1:\d{12}:layer:AWS-Parameters-and-Secrets-Lambda-Extension-Arm64:\d+$/,
  );
  expect(readFileSync(join(directory, 'asked'), 'utf8')).toContain(
    `lambda get-layer-version-by-arn --arn ${arn} --region eu-central-1`,
  );
  expect(readFileSync(target)).toEqual(ZIP);
});

it.each([
  ['is other than AWS says', 'layer', 'AAAA', 'its SHA-256 is another'],
  ['is refused', 'nothing', hash, 'the answer is 403'],
])('takes nothing that %s', async (_, name, CodeSha256, sentence) => {
  standIn({ Location: addressOf(name), CodeSha256 });
  const target = join(directory, 'secrets-extension.zip');
  await expect(fetchSecretsExtension('eu-central-1', target)).rejects.toThrow(sentence);
  expect(existsSync(target)).toBe(false);
});

it('knows where there is none', async () => {
  await expect(fetchSecretsExtension('mars-north-1', join(directory, 'x'))).rejects.toThrow('mars-north-1');
});
