import { createMemoryStreamStore } from '../../src/adapters/memory/memory-stream-store.ts';
import { describeStreamStoreContract } from './stream-store.contract.ts';

describeStreamStoreContract('memory', (clock) => ({ store: createMemoryStreamStore(clock) }));
