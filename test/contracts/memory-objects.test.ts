import { createMemoryObjectStore } from '../../src/adapters/memory/memory-object-store.ts';
import { describeObjectStoreContract } from './object-store.contract.ts';

describeObjectStoreContract('memory', async () => ({ store: createMemoryObjectStore() }));
