import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { OptionError } from './options.ts';
import { secretsLayerArn } from './secrets-extension.ts';

/** Where the worker's image takes the extension from. */
export const EXTENSION_FILE = join(
  import.meta.dirname,
  '..',
  '..',
  'dist',
  'lambda',
  'secrets-extension.zip',
);

/** Some 10 MB; AWS's limit for a layer. */
const MAX_BYTES = 50 * 1024 * 1024;

interface LayerContent {
  readonly Location: string;
  /** Base64. */
  readonly CodeSha256: string;
}

/**
 * Fetches AWS's own build of the extension that reads secrets, by the `aws` command and its credentials: functions from an
 * image cannot have it as a layer.
 * @throws {OptionError} when there is none for the region, or what came is not what AWS said
 */
export async function fetchSecretsExtension(region: string, target: string): Promise<string> {
  const arn = secretsLayerArn(region);
  if (arn === undefined) throw new OptionError(`There is no region ${region} with that extension.`);
  const query = ['--arn', arn, '--region', region, '--query', 'Content', '--output', 'json'];
  const { stdout } = await promisify(execFile)('aws', ['lambda', 'get-layer-version-by-arn', ...query]);
  const { Location, CodeSha256 } = JSON.parse(stdout) as LayerContent;
  const response = await fetch(Location);
  if (!response.ok)
    throw new OptionError(`The extension cannot be fetched: the answer is ${response.status}.`);
  if (Number(response.headers.get('content-length')) > MAX_BYTES) {
    throw new OptionError('What was to be the extension is larger than a layer can be.');
  }
  const bytes = Buffer.from(await response.arrayBuffer());
  if (createHash('sha256').update(bytes).digest('base64') !== CodeSha256) {
    throw new OptionError('What came is not the extension that AWS names: its SHA-256 is another.');
  }
  await mkdir(dirname(target), { recursive: true });
  await writeFile(`${target}.part`, bytes);
  await rename(`${target}.part`, target);
  return arn;
}
