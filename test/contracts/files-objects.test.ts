import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDirectoryObjectStore } from '../../src/adapters/files/directory-object-store.ts';
import { describeObjectStoreContract } from './object-store.contract.ts';

describeObjectStoreContract('directory', async () => {
  const root = await mkdtemp(join(tmpdir(), 'earshot-'));
  return {
    store: await openDirectoryObjectStore({ root }),
    close: () => rm(root, { recursive: true, force: true }),
  };
});
