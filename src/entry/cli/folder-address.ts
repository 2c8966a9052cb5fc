import { resolve } from 'node:path';
import { isObjectKey } from '../../domain/object-store.ts';
import { readConfig } from '../config.ts';
import { ConfigError } from '../config-error.ts';
import type { DefinitionFolder, FolderAddress, FolderOptions } from './definition-folder.ts';

/**
 * @param text a directory, or `s3://bucket/prefix`; the service is the one that AWS_REGION, S3_ENDPOINT and
 * S3_FORCE_PATH_STYLE name
 * @throws ConfigError
 */
export function parseFolderAddress(text: string, environment: NodeJS.ProcessEnv): FolderAddress {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(text) && !text.startsWith('s3://')) {
    throw new ConfigError(`${text} is neither a directory nor s3://bucket/prefix.`);
  }
  if (!text.startsWith('s3://')) return { kind: 'directory', path: resolve(text) };
  const [, name = '', path = ''] = /^([^/]*)\/?(.*?)\/?$/s.exec(text.slice('s3://'.length)) ?? [];
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) {
    throw new ConfigError(`${text} does not name a bucket: s3://bucket/prefix`);
  }
  if (path !== '' && !isObjectKey(path)) {
    throw new ConfigError(
      'A prefix has names of letters, digits, "-", "_" and "." between slashes, none of which begins with a dot.',
    );
  }
  const { audioBucket } = readConfig({ ...environment, S3_AUDIO_BUCKET: name }, process.cwd());
  if (audioBucket === null) throw new Error('A bucket was named, and is not there.');
  return { kind: 'bucket', bucket: audioBucket, prefix: path === '' ? '' : `${path}/` };
}

/** @throws storage_unavailable; ConfigError when there is nothing to read from */
export async function openDefinitionFolder(
  address: FolderAddress,
  options: FolderOptions,
): Promise<DefinitionFolder> {
  if (address.kind === 'directory') {
    const { openDefinitionDirectory } = await import('./definition-directory.ts');
    return openDefinitionDirectory(address.path, options);
  }
  // Only then: at home, the SDK would take time for nothing.
  const { openDefinitionBucket } = await import('./definition-bucket.ts');
  return openDefinitionBucket(address, options);
}
