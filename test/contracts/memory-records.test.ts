import { createMemoryAudioFileStore } from '../../src/adapters/memory/memory-audio-file-store.ts';
import { createMemoryUserStore } from '../../src/adapters/memory/memory-user-store.ts';
import { describeAudioFileSearchContract } from './audio-file-search.contract.ts';
import { describeAudioFileStoreContract } from './audio-file-store.contract.ts';
import { describeUserStoreContract } from './user-store.contract.ts';

describeAudioFileStoreContract('memory', () => ({ store: createMemoryAudioFileStore() }));
describeAudioFileSearchContract('memory', () => ({ store: createMemoryAudioFileStore() }));
describeUserStoreContract('memory', () => ({ store: createMemoryUserStore() }));
