import { randomBytes } from 'node:crypto';
import type { SettingStore } from '../domain/setting.ts';

/** The one that is configured, else the home's own, made once and kept with the data. At least 32 bytes. */
export const ensureSigningSecret = async (
  settings: Pick<SettingStore, 'ensure'>,
  configured: string | undefined,
): Promise<Uint8Array> => Buffer.from(configured ?? (await settings.ensure('signing_secret', newSecret())));

const newSecret = () => randomBytes(32).toString('base64url');
