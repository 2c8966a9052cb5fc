import { openDatabase, type Database } from '../../src/adapters/sqlite/database.ts';
import { openSqliteApiKeyStore } from '../../src/adapters/sqlite/sqlite-api-key-store.ts';
import { openSqliteAudioFileStore } from '../../src/adapters/sqlite/sqlite-audio-file-store.ts';
import { openSqliteConnectionStore } from '../../src/adapters/sqlite/sqlite-connection-store.ts';
import { openSqliteIdempotencyStore } from '../../src/adapters/sqlite/sqlite-idempotency-store.ts';
import { openSqlitePlaybackLinkStore } from '../../src/adapters/sqlite/sqlite-playback-link-store.ts';
import { openSqlitePositionStore } from '../../src/adapters/sqlite/sqlite-position-store.ts';
import { openSqliteRetiredObjectStore } from '../../src/adapters/sqlite/sqlite-retired-object-store.ts';
import { openSqliteSessionStore } from '../../src/adapters/sqlite/sqlite-session-store.ts';
import { openSqliteSettingStore } from '../../src/adapters/sqlite/sqlite-setting-store.ts';
import { openSqliteSubscriptionStore } from '../../src/adapters/sqlite/sqlite-subscription-store.ts';
import { openSqliteUserStore } from '../../src/adapters/sqlite/sqlite-user-store.ts';
import { describeApiKeyStoreContract } from './api-key-store.contract.ts';
import { describeAudioFileListContract } from './audio-file-list.contract.ts';
import { describeAudioFileSearchContract } from './audio-file-search.contract.ts';
import { describeAudioFileStoreContract } from './audio-file-store.contract.ts';
import { describeConnectionStoreContract } from './connection-store.contract.ts';
import { describeConnectionStoreProperties } from './connection-store-properties.contract.ts';
import { describeIdempotencyStoreContract } from './idempotency-store.contract.ts';
import { describePlaybackLinkStoreContract } from './playback-link-store.contract.ts';
import { describePositionStoreContract } from './position-store.contract.ts';
import { describeRetiredObjectStoreContract } from './retired-object-store.contract.ts';
import { describeSessionStoreContract } from './session-store.contract.ts';
import { describeSettingStoreContract } from './setting-store.contract.ts';
import { describeSubscriptionStoreContract } from './subscription-store.contract.ts';
import { describeSubscriptionStoreProperties } from './subscription-store-properties.contract.ts';
import { describeUserStoreContract } from './user-store.contract.ts';

/** A store on a database of its own, which goes with it. */
function inMemory<Store>(openStore: (db: Database) => Store): { store: Store; close: () => void } {
  const db = openDatabase(':memory:');
  return { store: openStore(db), close: () => db.close() };
}

describeAudioFileStoreContract('sqlite', () => inMemory(openSqliteAudioFileStore));
describeAudioFileListContract('sqlite', () => inMemory(openSqliteAudioFileStore));
describeAudioFileSearchContract('sqlite', () => inMemory(openSqliteAudioFileStore));
describeUserStoreContract('sqlite', () => inMemory(openSqliteUserStore));
describeSessionStoreContract('sqlite', (clock) => inMemory((db) => openSqliteSessionStore(db, clock)));
describeApiKeyStoreContract('sqlite', (clock) => inMemory((db) => openSqliteApiKeyStore(db, clock)));
describePlaybackLinkStoreContract('sqlite', (clock) =>
  inMemory((db) => openSqlitePlaybackLinkStore(db, clock)),
);
describePositionStoreContract('sqlite', () => inMemory(openSqlitePositionStore));
describeSettingStoreContract('sqlite', () => inMemory(openSqliteSettingStore));
describeIdempotencyStoreContract('sqlite', (clock) =>
  inMemory((db) => openSqliteIdempotencyStore(db, clock)),
);
describeRetiredObjectStoreContract('sqlite', () => inMemory(openSqliteRetiredObjectStore));
describeConnectionStoreContract('sqlite', (clock) => inMemory((db) => openSqliteConnectionStore(db, clock)));
describeSubscriptionStoreContract('sqlite', (clock) =>
  inMemory((db) => openSqliteSubscriptionStore(db, clock)),
);
describeConnectionStoreProperties('sqlite', (clock) =>
  inMemory((db) => openSqliteConnectionStore(db, clock)),
);
// Each run has a database of its own.
describeSubscriptionStoreProperties(
  'sqlite',
  (clock) => inMemory((db) => openSqliteSubscriptionStore(db, clock)),
  60,
);
