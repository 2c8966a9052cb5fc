import { DockerImageCode } from 'aws-cdk-lib/aws-lambda';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { cpSync, existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OptionError } from './options.ts';

const IMAGE_DIR = join(import.meta.dirname, '..', 'worker-image');

/** What `npm run fetch:extension` has unpacked there. */
export const EXTENSION_DIR = join(import.meta.dirname, '..', '..', 'dist', 'lambda', 'secrets-extension');

/**
 * The container image of the worker: its bundle, ffmpeg, and the extension that reads secrets, which functions from an
 * image cannot have as a layer. Here it is put together and fingerprinted; `cdk deploy` builds it.
 * @throws {OptionError} when the extension was not fetched
 */
export function workerImage(bundlesDir: string, extensionDir: string): DockerImageCode {
  if (!existsSync(join(extensionDir, 'extensions'))) {
    throw new OptionError(
      'The extension that reads secrets is not there: run `npm run fetch:extension -- --region …` in the root of the repository first.',
    );
  }
  const context = mkdtempSync(join(tmpdir(), 'earshot-worker-image-'));
  cpSync(IMAGE_DIR, context, { recursive: true });
  cpSync(join(bundlesDir, 'worker'), join(context, 'bundle'), { recursive: true });
  cpSync(extensionDir, join(context, 'secrets-extension'), { recursive: true });
  return DockerImageCode.fromImageAsset(context, { platform: Platform.LINUX_ARM64 });
}
