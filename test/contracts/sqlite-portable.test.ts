import { openDatabase } from '../../src/adapters/sqlite/database.ts';
import { openSqliteApiKeyStore } from '../../src/adapters/sqlite/sqlite-api-key-store.ts';
import { openSqliteAudioFileStore } from '../../src/adapters/sqlite/sqlite-audio-file-store.ts';
import { openSqlitePlaybackLinkStore } from '../../src/adapters/sqlite/sqlite-playback-link-store.ts';
import { openSqlitePortableRecords } from '../../src/adapters/sqlite/sqlite-portable-records.ts';
import { openSqlitePositionStore } from '../../src/adapters/sqlite/sqlite-position-store.ts';
import { openSqliteRetiredObjectStore } from '../../src/adapters/sqlite/sqlite-retired-object-store.ts';
import { openSqliteSessionStore } from '../../src/adapters/sqlite/sqlite-session-store.ts';
import { openSqliteSettingStore } from '../../src/adapters/sqlite/sqlite-setting-store.ts';
import { openSqliteUserStore } from '../../src/adapters/sqlite/sqlite-user-store.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describePortableRecordsContract } from './portable-records.contract.ts';

// Two connections, as `move` and the server are: what one writes, the other must notice.
describePortableRecordsContract('sqlite', async (clock) => {
  const directory = await mkdtemp(join(tmpdir(), 'earshot-portable-'));
  const path = join(directory, 'earshot.db');
  const [db, others] = [openDatabase(path), openDatabase(path)];
  return {
    records: openSqlitePortableRecords(others, clock),
    stores: {
      apiKeys: openSqliteApiKeyStore(db, clock),
      audioFiles: openSqliteAudioFileStore(db),
      links: openSqlitePlaybackLinkStore(db, clock),
      positions: openSqlitePositionStore(db),
      retired: openSqliteRetiredObjectStore(db),
      sessions: openSqliteSessionStore(db, clock),
      settings: openSqliteSettingStore(db),
      users: openSqliteUserStore(db),
    },
    close: async () => {
      db.close();
      others.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
});
