import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { DockerImageCode } from 'aws-cdk-lib/aws-lambda';
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { OptionError } from './options.ts';

const IMAGE_DIR = join(import.meta.dirname, '..', 'worker-image');

/**
 * The container image of the worker: its bundle, ffmpeg, and the extension that reads secrets, which functions from an
 * image cannot have as a layer. Here it is put together and fingerprinted; `cdk deploy` builds it.
 * @param outdir what is synthesised goes there, and the image's context with it
 * @throws {OptionError} when the extension was not fetched
 */
export function workerImage(bundlesDir: string, extensionFile: string, outdir: string): DockerImageCode {
  if (!existsSync(extensionFile)) {
    throw new OptionError(
      'The extension that reads secrets is not there: run `npm run fetch:extension -- --region …` in the root of the repository first.',
    );
  }
  const context = join(outdir, 'worker-image');
  cpSync(IMAGE_DIR, context, { recursive: true });
  cpSync(join(bundlesDir, 'worker'), join(context, 'bundle'), { recursive: true });
  cpSync(extensionFile, join(context, 'secrets-extension.zip'));
  return DockerImageCode.fromImageAsset(context, { platform: Platform.LINUX_ARM64 });
}
