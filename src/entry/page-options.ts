import { join } from 'node:path';
import type { PageOptions } from '../http/page.ts';
import type { Config } from './config.ts';

/** Where `vite build` puts the page: as far above the sources as above what is emitted of them. */
export const BUILT_PAGE = join(import.meta.dirname, '..', '..', 'web', 'dist');

/** @param directory of the built page */
export function pageOptions(config: Config, directory: string): PageOptions {
  const { audioBucket, cloudFront, websocketUrl } = config;
  const origins = [websocketUrl, cloudFront?.url, audioBucket && bucketOrigin(audioBucket)];
  const otherOrigins = origins.flatMap((url) => (url ? [new URL(url).origin] : []));
  return { directory, otherOrigins: [...new Set(otherOrigins)] };
}

function bucketOrigin({
  endpoint,
  bucket,
  region,
  forcePathStyle,
}: NonNullable<Config['audioBucket']>): string {
  if (endpoint === undefined) return `https://${bucket}.s3.${region}.amazonaws.com`;
  const { protocol, host } = new URL(endpoint);
  return forcePathStyle === true ? endpoint : `${protocol}//${bucket}.${host}`;
}
