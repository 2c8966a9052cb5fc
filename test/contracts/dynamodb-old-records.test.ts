import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoDbKind, makeDynamoClient, makeTestTable } from '../servers/dynamodb-client.ts';
import { newUser } from '../sample-records.ts';
import { oldAudio, oldStream, oldUser } from '../old-items.ts';
import type { OldUser } from '../../src/domain/old-records.ts';
import { migrateOldRecords, type OldRecordPorts } from '../../src/services/migrate-old-records.ts';
import { openDynamoAudioFileStore } from '../../src/adapters/dynamodb/dynamo-audio-file-store.ts';
import { openDynamoOldItems } from '../../src/adapters/dynamodb/dynamo-old-items.ts';
import { openDynamoStreamStore } from '../../src/adapters/dynamodb/dynamo-stream-store.ts';
import type { DynamoTable, Item } from '../../src/adapters/dynamodb/dynamo-table.ts';
import { text } from '../../src/adapters/dynamodb/item-fields.ts';
import { createMemoryObjectStore } from '../../src/adapters/memory/memory-object-store.ts';
import { openDynamoUserStore } from '../../src/adapters/dynamodb/dynamo-user-store.ts';
import { silentLog } from '../silent-log.ts';

// They all write transactions.
describe.skipIf(dynamoDbKind === 'dynalite')('the upgrade of old items', () => {
  const client = makeDynamoClient();
  let table: DynamoTable;
  let close: () => Promise<void>;
  const objects = createMemoryObjectStore(Date.now);
  let ports: OldRecordPorts;

  beforeAll(async () => {
    ({ table, close } = await makeTestTable());
    ports = {
      users: openDynamoUserStore(table),
      audioFiles: openDynamoAudioFileStore(table),
      streams: openDynamoStreamStore(table, { clock: Date.now, log: silentLog }),
      oldRecords: openDynamoOldItems(client, table.name),
      objects,
    };
  });
  afterAll(async () => {
    await close();
    client.destroy();
  });

  const putAll = (...items: Item[]) => table.writeMany(items.map((item) => ({ put: item })));

  async function migrate(isDryRun = false) {
    const lines: string[] = [];
    const report = {
      progress: () => undefined,
      note: (line: string) => void lines.push(line),
      failure: (line: string) => void lines.push(`failed: ${line}`),
    };
    const outcome = await migrateOldRecords(ports, report, { isDryRun });
    return { ...outcome, lines: lines.sort() };
  }

  const namesOf = async () =>
    (await ports.users.list('default', { limit: 1000 })).items.map(({ username }) => username);

  it('saves users, audio files and streams of every kind, once', async () => {
    await putAll(
      oldUser('user#anna', 'Anna', { is_admin: true }),
      oldUser('USER#Ben', 'Ben'),
      oldUser('USER#clara', 'clara', { updated_at: undefined, email: undefined }),
      oldUser('USER#DORA', 'DORA'),
      oldAudio('one.mp3', { transcript: 'Once upon a time' }),
      oldAudio('two.mp3', { transcript_status: 'error', duration: null }),
      oldStream('bedtime', true),
      oldStream('radio'),
    );
    expect(await ports.oldRecords.hasUsers()).toBe(true);
    expect(await migrate()).toEqual({
      upgraded: { user: 4, audio_file: 2, stream: 2 },
      setAside: 0,
      left: 0,
      lines: [],
    });
    expect(await ports.oldRecords.hasUsers()).toBe(false);
    expect(await namesOf()).toEqual(['Anna', 'Ben', 'clara', 'DORA']);
    expect(await ports.users.count()).toBe(4);
    const { items } = await ports.audioFiles.list('default', { sort: 'created', limit: 10 });
    expect(items.map(({ filename, transcriptStatus }) => [filename, transcriptStatus]).sort()).toEqual([
      ['one.mp3', 'completed'],
      ['two.mp3', 'failed'],
    ]);
    expect(await ports.audioFiles.search('default', 'two', 10)).toHaveLength(1);
    expect(await ports.audioFiles.search('default', 'upon time', 10)).toHaveLength(1);
    expect(await table.get({ PK: 'AUDIO#one.mp3', SK: 'METADATA' })).toMatchObject({
      transcript: 'Once upon a time',
    });
    const streams = await ports.streams.list('default', { limit: 10 });
    expect(streams.items.map(({ name, playMode }) => [name, playMode])).toEqual([
      ['bedtime', 'loop'],
      ['radio', 'sequential'],
    ]);
    expect(await migrate()).toMatchObject({ upgraded: { user: 0, audio_file: 0, stream: 0 }, left: 0 });
  });

  it('moves a long transcript to the object store, also of an item that is full of it', async () => {
    const transcript = `${'Es war einmal. '.repeat(25_990)} Ende.`;
    await putAll(oldAudio('long.mp3', { transcript }));
    expect(await migrate(true)).toMatchObject({ upgraded: { audio_file: 1 } });
    expect((await table.get({ PK: 'AUDIO#long.mp3', SK: 'METADATA' }))?.['transcript']).toBe(transcript);
    expect(await migrate()).toMatchObject({ upgraded: { audio_file: 1 }, left: 0, lines: [] });
    const item = await table.get({ PK: 'AUDIO#long.mp3', SK: 'METADATA' });
    expect(item).toMatchObject({ has_transcript: true, revision: 1, transcript_status: 'completed' });
    expect(item).not.toHaveProperty('transcript');
    expect(text(item ?? {}, 'transcript_excerpt')).toMatch(/^Es war einmal\. /);
    const chunks = await Array.fromAsync(objects.read(text(item ?? {}, 'transcript_key')));
    expect(Buffer.concat(chunks).toString()).toBe(transcript);
    expect(await ports.audioFiles.find('default', 'long.mp3')).toMatchObject({ hasTranscript: true });
    expect(await ports.audioFiles.search('default', 'einmal ende', 10)).toHaveLength(1);
  });

  it('lets one of several users of one name stay, and keeps the others', async () => {
    const early = { updated_at: '2024-01-01T00:00:00+00:00' };
    const late = { updated_at: '2025-01-01T00:00:00+00:00' };
    await ports.users.create(newUser('eva'));
    await putAll(
      oldUser('USER#EVA', 'EVA', late),
      oldUser('user#finn', 'Finn', early),
      oldUser('USER#Finn', 'Finn', { ...late, hashed_password: 'pbkdf2:late' }),
      oldUser('USER#FINN', 'FINN', early),
      oldUser('user#gina', 'Gina', { ...early, email: 'service@example.org' }),
      oldUser('USER#gina', 'gina', early),
      oldUser('user#hugo', 'Hugo', { user_id: 7 }),
      oldUser('USER#Ida', 'Ida', { user_id: 7 }),
    );
    const dry = await migrate(true);
    expect(dry).toMatchObject({ upgraded: { user: 4 }, setAside: 4, left: 8 });
    const { lines, ...outcome } = await migrate();
    expect(outcome).toEqual({ upgraded: { user: 4, audio_file: 0, stream: 0 }, setAside: 4, left: 0 });
    expect(lines).toHaveLength(5);
    expect(lines.join('\n')).toMatch(
      /user EVA at USER#EVA gives way to one that is upgraded already, .* kept at SUPERSEDED#USER#EVA/,
    );
    expect(lines.join('\n')).toContain('npx earshot user password Finn');
    expect(await ports.users.findByName('finn')).toMatchObject({ passwordHash: 'pbkdf2:late', revision: 1 });
    expect(await ports.users.findByName('gina')).toMatchObject({ email: 'service@example.org' });
    const aside = [];
    for (const place of ['USER#EVA', 'user#finn', 'USER#FINN', 'USER#gina']) {
      aside.push(...(await table.query({ partition: `SUPERSEDED#${place}`, consistent: true })).items);
      const there = await table.get({ PK: place, SK: 'PROFILE' }, { consistent: true });
      // Where the proper key is, the one who stays is there by now.
      expect(there?.['email'] ?? null).toBe(place === 'USER#gina' ? 'service@example.org' : null);
    }
    expect(aside).toHaveLength(4);
    // Two of one millisecond have an id of their own each.
    const ids = await Promise.all(
      ['hugo', 'ida'].map(async (name) => (await ports.users.findByName(name))?.id),
    );
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(await ports.users.findById(id ?? '')).not.toBeNull();
  });

  it('tells what is damaged, and goes on', async () => {
    await putAll(
      oldUser('user#damaged', 'damaged', { hashed_password: undefined }),
      oldAudio('damaged.mp3', { created_at: 'yesterday' }),
      { ...oldStream('damaged'), files: 'none' },
      oldUser('user#whole', 'whole'),
    );
    for (const isDryRun of [true, false]) {
      const { upgraded, left, lines } = await migrate(isDryRun);
      expect(upgraded).toEqual({ user: 1, audio_file: 0, stream: 0 });
      expect(left).toBe(isDryRun ? 4 : 3);
      expect(lines).toEqual([
        'failed: audio file damaged.mp3: The attribute created_at holds no date.',
        'failed: stream damaged: The item of a stream holds no list of file names.',
        'failed: user damaged at user#damaged: The attribute hashed_password holds no text.',
      ]);
    }
  });

  it('refuses to set aside who was changed meanwhile', async () => {
    await putAll(oldUser('user#jana', 'Jana'));
    let jana: OldUser | undefined;
    for await (const batch of ports.oldRecords.list()) {
      for (const record of batch) if (record.place === 'user#jana') jana = record as OldUser;
    }
    if (jana === undefined) throw new Error('She is not listed.');
    await migrate();
    await expect(ports.oldRecords.setAside(jana)).rejects.toMatchObject({ code: 'conflict' });
    const signal = AbortSignal.abort();
    const listed = ports.oldRecords.list(signal)[Symbol.asyncIterator]();
    await expect(listed.next()).rejects.toMatchObject({ code: 'aborted' });
  });
});
