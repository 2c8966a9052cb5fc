import { resolve } from 'node:path';
import { openOldAudioDirectory } from '../adapters/files/old-audio-directory.ts';
import type { OldAudio } from '../domain/old-audio.ts';
import type { Config } from './config.ts';
import type { EmbeddedHome } from './embedded.ts';

export interface OpenOldAudio {
  readonly oldAudio: OldAudio;
  close(): void;
}

/**
 * Where an older deployment kept its audio: the directory that is named, else the root of the home's own bucket.
 * @param home null to look only
 * @returns null where there is neither
 */
export async function openOldAudio(
  config: Pick<Config, 'audioBucket'>,
  directory: string | undefined,
  home: EmbeddedHome | null,
): Promise<OpenOldAudio | null> {
  const objects = home?.ports.objects ?? null;
  if (directory !== undefined) {
    const path = resolve(directory);
    const tempDir = home?.ports.policy.tempDir ?? path;
    return {
      oldAudio: openOldAudioDirectory({ path, objects, tempDir }),
      close: () => undefined,
    };
  }
  if (config.audioBucket === null) return null;
  // Only then: at home, the SDK would take time for nothing.
  const { openOldBucket } = await import('./old-bucket.ts');
  return openOldBucket(config.audioBucket, objects);
}
