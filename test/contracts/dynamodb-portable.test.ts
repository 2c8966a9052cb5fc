import { describe, expect, it } from 'vitest';
import { openDynamoApiKeyStore } from '../../src/adapters/dynamodb/dynamo-api-key-store.ts';
import { openDynamoAudioFileStore } from '../../src/adapters/dynamodb/dynamo-audio-file-store.ts';
import { openDynamoPlaybackLinkStore } from '../../src/adapters/dynamodb/dynamo-playback-link-store.ts';
import { openDynamoPortableRecords } from '../../src/adapters/dynamodb/dynamo-portable-records.ts';
import { openDynamoPositionStore } from '../../src/adapters/dynamodb/dynamo-position-store.ts';
import { openDynamoRetiredObjectStore } from '../../src/adapters/dynamodb/dynamo-retired-object-store.ts';
import { openDynamoSessionStore } from '../../src/adapters/dynamodb/dynamo-session-store.ts';
import { openDynamoSettingStore } from '../../src/adapters/dynamodb/dynamo-setting-store.ts';
import { openDynamoUserStore } from '../../src/adapters/dynamodb/dynamo-user-store.ts';
import { openDatabase } from '../../src/adapters/sqlite/database.ts';
import { openSqlitePortableRecords } from '../../src/adapters/sqlite/sqlite-portable-records.ts';
import type { PortableRecord } from '../../src/domain/portable-record.ts';
import { dynamoDbKind, makeDynamoClient, makeTestTable } from '../servers/dynamodb-client.ts';
import { describePortableRecordsContract } from './portable-records.contract.ts';

// dynalite has no transactions.
describe.skipIf(dynamoDbKind === 'dynalite')('a table of records', () => {
  describePortableRecordsContract('dynamodb', async (clock) => {
    const { table, close } = await makeTestTable();
    const client = makeDynamoClient();
    return {
      records: openDynamoPortableRecords(client, table.name, clock),
      stores: {
        apiKeys: openDynamoApiKeyStore(table, clock),
        audioFiles: openDynamoAudioFileStore(table, { clock }),
        links: openDynamoPlaybackLinkStore(table, clock),
        positions: openDynamoPositionStore(table),
        retired: openDynamoRetiredObjectStore(table),
        sessions: openDynamoSessionStore(table, clock),
        settings: openDynamoSettingStore(table),
        users: openDynamoUserStore(table),
      },
      close: async () => {
        await close();
        client.destroy();
      },
    };
  });

  it('carries what older programs wrote to SQLite and back, and leaves it as it is', async () => {
    const [from, to] = [await makeTestTable(), await makeTestTable()];
    const client = makeDynamoClient();
    const db = openDatabase(':memory:');
    const user = {
      SK: 'PROFILE',
      user_id: 1_700_000_000_000,
      username: 'Anna',
      email: null,
      hashed_password: '$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA',
      is_active: true,
      is_admin: true,
      created_at: '2024-01-01T00:00:00.000000',
      yoto_access_token: 'token',
      yoto_token_expires_at: 1_700_000_000.25,
    };
    // The service and its migration script wrote the same user, each in its way: the first is the one who logs in.
    await from.table.put({ ...user, PK: 'user#anna' });
    await from.table.put({ ...user, PK: 'USER#Anna', username: 'Anna', yoto_access_token: 'older' });
    await from.table.put({
      PK: 'AUDIO#once.mp3',
      SK: 'METADATA',
      filename: 'once.mp3',
      size: 1000,
      duration: 12.5,
      transcript: 'Once upon a time',
      transcript_status: 'error',
      created_at: '2024-01-02T00:00:00+00:00',
      updated_at: '2024-01-02T00:00:00+00:00',
    });
    const read = async (table: typeof from.table): Promise<PortableRecord[]> => {
      const found: PortableRecord[] = [];
      for await (const some of openDynamoPortableRecords(client, table.name, Date.now).readAll()) {
        found.push(...some);
      }
      return found.sort((a, b) => (a.kind < b.kind ? -1 : 1));
    };

    const old = await read(from.table);
    expect(old).toMatchObject([
      {
        kind: 'audio_file',
        value: {
          filename: 'once.mp3',
          revision: 0,
          transcriptStatus: 'failed',
          durationMs: 12_500,
          transcriptText: 'Once upon a time',
          transcriptWords: ['once', 'upon', 'a', 'time'],
        },
      },
      {
        kind: 'user',
        value: {
          id: '1700000000000',
          tenantId: 'default',
          revision: 0,
          carried: { yoto_access_token: 'token', yoto_token_expires_at: 1_700_000_000.25 },
        },
      },
    ]);

    const home = openSqlitePortableRecords(db, Date.now);
    expect(await home.save(old)).toEqual(['absent', 'absent']);
    const records = openDynamoPortableRecords(client, to.table.name, Date.now);
    for await (const some of home.readAll()) await records.save(some);
    expect(await records.compare(old)).toEqual(['same', 'same']);
    // From now on an item of this program, with its look-ups, and with what the older one kept.
    const users = openDynamoUserStore(to.table);
    expect((await users.findById('1700000000000'))?.username).toBe('Anna');
    expect(await users.count()).toBe(1);
    expect(await to.table.get({ PK: 'USER#anna', SK: 'PROFILE' })).toMatchObject({
      yoto_access_token: 'token',
      revision: 0,
    });
    const [found] = await openDynamoAudioFileStore(to.table).search('default', 'once', 10);
    expect(found?.file.filename).toBe('once.mp3');
    // The source is as it was.
    expect(await from.table.get({ PK: 'USERID#1700000000000', SK: 'USER' })).toBeNull();

    // A stream that no list knows would be left behind.
    const stream = { name: 'bedtime', files: ['once.mp3'], loop: true };
    await from.table.put({ PK: 'STREAM#bedtime', SK: 'DEFINITION', ...stream });
    await expect(read(from.table)).rejects.toThrow('First run: npx earshot migrate');

    db.close();
    client.destroy();
    await from.close();
    await to.close();
  });
});
