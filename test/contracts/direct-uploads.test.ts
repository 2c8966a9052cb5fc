import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDirectoryDirectUploads } from '../../src/adapters/files/directory-direct-upload.ts';
import { openDirectoryObjectStore } from '../../src/adapters/files/directory-object-store.ts';
import { createMemoryDirectUploads } from '../../src/adapters/memory/memory-direct-uploads.ts';
import { createMemoryObjectStore } from '../../src/adapters/memory/memory-object-store.ts';
import { describeDirectUploadsContract } from './direct-uploads.contract.ts';

describeDirectUploadsContract('memory', async () => {
  const objects = createMemoryObjectStore();
  return { uploads: createMemoryDirectUploads(objects), objects, close: async () => undefined };
});

describeDirectUploadsContract('directory', async () => {
  const root = await mkdtemp(join(tmpdir(), 'earshot-'));
  const objects = await openDirectoryObjectStore({ root });
  return {
    uploads: openDirectoryDirectUploads({ root, objects }),
    objects,
    close: () => rm(root, { recursive: true, force: true }),
  };
});
