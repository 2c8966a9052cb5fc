import { openDatabase } from '../../src/adapters/sqlite/database.ts';
import { openSqliteStreamStore } from '../../src/adapters/sqlite/sqlite-stream-store.ts';
import { describeStreamStoreContract } from './stream-store.contract.ts';

describeStreamStoreContract('sqlite', (clock) => {
  const db = openDatabase(':memory:');
  return { store: openSqliteStreamStore(db, clock), close: () => db.close() };
});
