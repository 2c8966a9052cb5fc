import { createHash } from 'node:crypto';
import type { SettingStore } from '../domain/setting.ts';

/** What is remembered of an old audio file that was taken in, or is about to be: kept with the settings. */
export interface Adoption {
  /** Of the old file. */
  readonly version: string;
  readonly requestId: string;
  /** Once the library holds it. */
  readonly sha256?: string | undefined;
}

type Settings = Pick<SettingStore, 'find' | 'save'>;

/** Names may be longer than a key. */
const keyOf = (place: string, name: string): string =>
  `adopted_audio:${createHash('sha256').update(`${place}\n${name}`).digest('hex').slice(0, 32)}`;

/** @param place of `OldAudio` */
export async function findAdoption(
  settings: Settings,
  place: string,
  name: string,
): Promise<Adoption | null> {
  const value = await settings.find(keyOf(place, name));
  return value === null ? null : (JSON.parse(value) as Adoption);
}

export const saveAdoption = (
  settings: Settings,
  place: string,
  name: string,
  adoption: Adoption,
): Promise<void> => settings.save(keyOf(place, name), JSON.stringify(adoption));
