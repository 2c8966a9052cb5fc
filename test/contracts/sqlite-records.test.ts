import { openDatabase, type Database } from '../../src/adapters/sqlite/database.ts';
import { openSqliteAudioFileStore } from '../../src/adapters/sqlite/sqlite-audio-file-store.ts';
import { openSqliteUserStore } from '../../src/adapters/sqlite/sqlite-user-store.ts';
import { describeAudioFileSearchContract } from './audio-file-search.contract.ts';
import { describeAudioFileStoreContract } from './audio-file-store.contract.ts';
import { describeUserStoreContract } from './user-store.contract.ts';

/** A store on a database of its own, which goes with it. */
function inMemory<Store>(openStore: (db: Database) => Store): { store: Store; close: () => void } {
  const db = openDatabase(':memory:');
  return { store: openStore(db), close: () => db.close() };
}

describeAudioFileStoreContract('sqlite', () => inMemory(openSqliteAudioFileStore));
describeAudioFileSearchContract('sqlite', () => inMemory(openSqliteAudioFileStore));
describeUserStoreContract('sqlite', () => inMemory(openSqliteUserStore));
