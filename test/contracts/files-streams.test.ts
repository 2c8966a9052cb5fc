import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFileStreamStore } from '../../src/adapters/files/file-stream-store.ts';
import type { Log } from '../../src/domain/log.ts';
import { describeStreamStoreContract } from './stream-store.contract.ts';

const ignore = (): void => undefined;
const silent: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

describeStreamStoreContract('JSON files', async (clock) => {
  const dir = await mkdtemp(join(tmpdir(), 'earshot-'));
  return {
    store: await openFileStreamStore({ dir, clock, log: silent }),
    close: () => rm(dir, { recursive: true, force: true }),
  };
});
