import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/domain/clock.ts';
import { nameRecord, type PortableRecord, type PortableRecords } from '../../src/domain/portable-record.ts';
import type { Ports } from '../../src/services/ports.ts';
import { LATER_MS, portableFile, portableSamples, portableUser } from '../portable-samples.ts';
import { newUser, START_MS } from '../sample-records.ts';

type Stores = Pick<
  Ports,
  'apiKeys' | 'audioFiles' | 'links' | 'positions' | 'retired' | 'sessions' | 'settings' | 'users'
>;

/** The records of a home, and the stores that the server asks. */
export interface PortableHome {
  readonly records: PortableRecords;
  readonly stores: Stores;
  readonly close: () => Promise<void> | void;
}

export function describePortableRecordsContract(
  name: string,
  open: (clock: Clock) => Promise<PortableHome> | PortableHome,
): void {
  describe(`portable records: ${name}`, () => {
    let nowMs = START_MS;
    let home: PortableHome;
    const samples = portableSamples();
    const page = { limit: 100 };

    beforeEach(async () => {
      nowMs = START_MS;
      home = await open(() => nowMs);
    });
    afterEach(() => home.close());

    const readAll = async (): Promise<PortableRecord[]> => {
      const found: PortableRecord[] = [];
      for await (const batch of home.records.readAll()) {
        expect(batch.length).toBeGreaterThan(0);
        expect(batch.length).toBeLessThanOrEqual(100);
        found.push(...batch);
      }
      return found.sort(byName);
    };

    it('has none at first', async () => {
      expect(await readAll()).toEqual([]);
      expect(await home.records.compare(samples)).toEqual(samples.map(() => 'absent'));
      expect(await home.records.save([])).toEqual([]);
    });

    it('gives back what was written, and writing it again changes nothing', async () => {
      for (let round = 0; round < 3; round += 1) {
        const before = round === 0 ? 'absent' : 'same';
        expect(await home.records.save(samples, { overwrite: round === 2 })).toEqual(
          samples.map(() => before),
        );
        expect(await home.records.compare(samples)).toEqual(samples.map(() => 'same'));
        const found = await readAll();
        const wanted = [...samples].sort(byName);
        expect(found.map(nameRecord)).toEqual(wanted.map(nameRecord));
        for (const [place, record] of wanted.entries()) {
          expect(defined(found[place]?.value)).toEqual(defined(record.value));
        }
      }
    });

    it('answers the questions about users as before', async () => {
      await home.records.save(samples);
      const { users } = home.stores;
      expect(await users.count()).toBe(3);
      expect(await users.findByName('ANNA')).toMatchObject({ id: '1767323045678', revision: 12 });
      expect((await users.findById('1767323045679'))?.username).toBe('ben');
      const names = async () => (await users.list('default', page)).items.map(({ username }) => username);
      await expect.poll(names).toEqual(['Anna', 'ben']);
      expect(await users.findNextTenant(null)).toBe('default');
      expect(await users.findNextTenant('default')).toBe('other');
      await expect(users.delete('1767323045678')).rejects.toMatchObject({ code: 'conflict' });
      // Its id is taken: the next free one.
      const created = await users.create(newUser('carla', { createdAtMs: 1_767_323_045_678 }));
      expect(created.id).toBe('1767323045681');
      await expect(users.create(newUser('BEN'))).rejects.toMatchObject({ code: 'already_exists' });
      const ben = await users.findByName('ben');
      if (ben === null) throw new Error('There is no ben.');
      expect((await users.save({ ...ben, isAdmin: true }, 3)).revision).toBe(4);
      await users.delete('1767323045678');
      expect(await users.count()).toBe(3);
    });

    it('answers the questions about audio files as before', async () => {
      await home.records.save(samples);
      const { audioFiles } = home.stores;
      const list = async (sort: 'name' | 'created' | 'duration', state?: 'ready' | 'failed') =>
        (await audioFiles.list('default', { sort, state, limit: 10 })).items.map(({ filename }) => filename);
      await expect.poll(() => list('name')).toEqual(['broken.mp3', 'old.mp3', 'pippi.mp3']);
      expect(await list('created')).toEqual(['broken.mp3', 'pippi.mp3', 'old.mp3']);
      expect(await list('duration', 'ready')).toEqual(['pippi.mp3', 'old.mp3']);
      expect(await list('name', 'failed')).toEqual(['broken.mp3']);
      const found = async (text: string) =>
        (await audioFiles.search('default', text, 10)).map(({ file }) => file.filename);
      // Of one level, the one that came last is first.
      expect(await found('pip')).toEqual(['pippi.mp3', 'old.mp3']);
      expect(await found('langstrump')).toEqual(['pippi.mp3']);
      expect(await found('others')).toEqual([]);
      expect(await found('villek')).toEqual(['pippi.mp3']);
      expect(await found('pippi upon')).toEqual(['old.mp3']);
      expect((await audioFiles.findByOriginalSha256('default', 'bb'))?.filename).toBe('pippi.mp3');
      for (const key of ['playable/aa.mp3', 'originals/bb.flac', 'covers/cc.jpg', 'transcripts/ff.json']) {
        expect(await audioFiles.isObjectReferenced(key)).toBe(true);
      }
      expect((await audioFiles.findChapters('default', ['pippi.mp3'])).get('pippi.mp3')).toHaveLength(2);
      expect(await audioFiles.findMany('default', ['pippi.mp3', 'old.mp3'])).toHaveLength(2);
    });

    it('lets files be changed and deleted afterwards, and others come after them', async () => {
      await home.records.save(samples);
      const { audioFiles } = home.stores;
      const version = await audioFiles.version();
      await home.records.save([portableFile('pippi-3.mp3', 12, { title: 'Pippi again' })]);
      expect(await audioFiles.version()).not.toBe(version);
      const found = async (text: string) =>
        (await audioFiles.search('default', text, 10)).map(({ file }) => file.filename);
      const pippi = await audioFiles.find('default', 'pippi.mp3');
      if (pippi === null) throw new Error('There is no pippi.mp3.');
      const saved = await audioFiles.save({ ...pippi, title: 'Emil' }, 4);
      expect(saved).toMatchObject({ revision: 5, chapterCount: 2 });
      expect(await found('aboard')).toEqual([]);
      expect(await found('emil villa')).toEqual(['pippi.mp3']);
      await audioFiles.create({ ...pippi, filename: 'emil-2.mp3', title: 'Emil', tags: [], description: '' });
      expect(await found('emil')).toEqual(['emil-2.mp3', 'pippi.mp3']);
      expect(await found('pippi')).toEqual(['pippi-3.mp3', 'old.mp3', 'pippi.mp3']);
      for (const filename of ['old.mp3', 'pippi.mp3', 'emil-2.mp3']) {
        await audioFiles.delete('default', filename);
      }
      expect(await found('pippi')).toEqual(['pippi-3.mp3']);
      expect(await audioFiles.isObjectReferenced('playable/aa.mp3')).toBe(false);
      expect(await audioFiles.findChapters('default', ['pippi.mp3'])).toEqual(new Map());
    });

    it('answers all other questions as before', async () => {
      await home.records.save(samples);
      const { apiKeys, links, positions, retired, sessions, settings } = home.stores;
      expect(await settings.find('signing_secret')).toHaveLength(43);
      expect((await sessions.findByTokenHash('hash-of-token-1'))?.id).toBe('session-1');
      expect((await apiKeys.findByHash('hash-of-key-1'))?.scopes).toEqual(['play', 'read']);
      const keys = async () => (await apiKeys.listByUser('1767323045679', page)).items.map(({ id }) => id);
      await expect.poll(keys).toEqual(['key-2', 'key-1']);
      const target = { tenantId: 'default', kind: 'file', name: 'pippi.mp3' } as const;
      expect((await links.find('link-1'))?.name).toBe('pippi.mp3');
      expect((await links.listByTarget(target, page)).items).toHaveLength(1);
      expect(await positions.find({ ...target, userId: '1767323045678' })).toMatchObject({
        positionMs: 1234.5,
      });
      await expect.poll(() => retired.listDue(START_MS + 5, 10)).toHaveLength(1);
      expect(await sessions.deleteByUser('1767323045678')).toEqual(['session-1']);
    });

    it('leaves what is different as it is, unless it may overwrite it', async () => {
      await home.records.save(samples);
      const changed: PortableRecord[] = [
        { kind: 'setting', value: { key: 'signing_secret', value: 'other' } },
        // Another one of this id, and another one of this name.
        portableUser('1767323045678', 'frida', { isAdmin: true }),
        portableUser('42', 'Ben'),
        portableFile('pippi.mp3', 20, { title: 'Karlsson', originalSha256: 'ee' }),
        { kind: 'retired_object', value: { key: 'playable/dd.mp3', sweepAtMs: START_MS } },
      ];
      const fresh = portableUser('43', 'gerd');
      const all = [...changed, fresh];
      const expected = [...changed.map(() => 'different'), 'absent'];
      expect(await home.records.compare(all)).toEqual(expected);
      expect(await home.records.save(all)).toEqual(expected);
      const { audioFiles, settings, users } = home.stores;
      expect(await settings.find('signing_secret')).toHaveLength(43);
      expect((await users.findById('1767323045678'))?.username).toBe('Anna');
      expect((await audioFiles.search('default', 'aboard', 10)).length).toBe(1);
      expect(await users.count()).toBe(4);

      const again = [...changed.map(() => 'different'), 'same'];
      expect(await home.records.save(all, { overwrite: true })).toEqual(again);
      expect(await home.records.compare(all)).toEqual(all.map(() => 'same'));
      expect(await settings.find('signing_secret')).toBe('other');
      expect(await users.findByName('anna')).toBeNull();
      expect((await users.findByName('frida'))?.id).toBe('1767323045678');
      expect(await users.findById('1767323045679')).toBeNull();
      expect(await users.count()).toBe(4);
      expect(await audioFiles.search('default', 'aboard', 10)).toEqual([]);
      expect((await audioFiles.search('default', 'karlsson', 10)).length).toBe(1);
      expect(await audioFiles.isObjectReferenced('playable/aa.mp3')).toBe(false);
      expect(await audioFiles.findChapters('default', ['pippi.mp3'])).toEqual(new Map());
    });

    it('replaces one that stands in the way of two', async () => {
      await home.records.save(samples);
      const both = [
        portableUser('1767323045678', 'frida', { isAdmin: true }),
        portableUser('7', 'anna', { isAdmin: true }),
      ];
      await home.records.save(both, { overwrite: true });
      expect(await home.records.compare(both)).toEqual(['same', 'same']);
      const { users } = home.stores;
      expect(await users.count()).toBe(4);
      await users.delete('7');
      await expect(users.delete('1767323045678')).rejects.toMatchObject({ code: 'conflict' });
    });

    it('takes a carried change for another record', async () => {
      await home.records.save(samples);
      const ben = samples.find(({ kind, value }) => kind === 'user' && value.username === 'ben');
      if (ben?.kind !== 'user') throw new Error('There is no ben.');
      const other: PortableRecord = { kind: 'user', value: { ...ben.value, carried: { x: 'y' } } };
      expect(await home.records.compare([other])).toEqual(['different']);
      expect(await home.records.save([other], { overwrite: true })).toEqual(['different']);
      expect(await home.records.compare([other, ben])).toEqual(['same', 'different']);
    });

    it('leaves out keys and links that have expired, but not sessions', async () => {
      await home.records.save(samples);
      nowMs = LATER_MS;
      const names = (await readAll()).map(nameRecord);
      expect(names).toContain('session session-1');
      expect(names).toContain('API key key-2');
      expect(names).not.toContain('API key key-1');
      expect(names).not.toContain('playback link of stream evening');
    });

    it('reads what the stores have written', async () => {
      const { audioFiles, users } = home.stores;
      const user = await users.create(newUser('hanna', { isAdmin: true }));
      const {
        carried: _,
        arrival: __,
        transcriptWords: ___,
        chapters,
        ...file
      } = portableFile('new.mp3', 0).value;
      const created = await audioFiles.create(file);
      const saved = await audioFiles.save(created, 1, {
        chapters: [{ title: 'All', startMs: 0 }],
        transcriptWords: ['said'],
      });
      const found = await readAll();
      expect(chapters).toEqual([]);
      expect(found.map(nameRecord)).toEqual(['audio file new.mp3', 'user hanna']);
      expect(found[0]?.value).toMatchObject({
        ...defined(saved),
        chapters: [{ title: 'All', startMs: 0 }],
        transcriptWords: ['said'],
      });
      expect(found[1]?.value).toMatchObject(defined(user));
      expect(await home.records.compare(found)).toEqual(['same', 'same']);
    });

    it('reads more than a batch, each record once', async () => {
      const files = Array.from({ length: 230 }, (_, at) => portableFile(`f-${at}.mp3`, 1000 + at));
      const users = Array.from({ length: 120 }, (_, at) => portableUser(String(5000 + at), `user-${at}`));
      const all = [...files, ...users];
      for (let at = 0; at < all.length; at += 100) await home.records.save(all.slice(at, at + 100));
      const names = (await readAll()).map(nameRecord);
      expect(new Set(names).size).toBe(350);
      expect(names.length).toBe(350);
      expect(await home.stores.users.count()).toBe(120);
    });

    it('gives files that came in one moment places one after the other', async () => {
      const twins = ['a', 'b', 'c'].map((one) => portableFile(`${one}.mp3`, 50, { title: 'Twin' }));
      expect(await home.records.save(twins)).toEqual(['absent', 'absent', 'absent']);
      expect(await home.records.compare(twins)).toEqual(['same', 'same', 'same']);
      expect(await home.stores.audioFiles.search('default', 'twin', 10)).toHaveLength(3);
    });

    it('stops reading when it is told to', async () => {
      await home.records.save(samples);
      const reading = home.records.readAll(AbortSignal.abort())[Symbol.asyncIterator]();
      await expect(reading.next()).rejects.toMatchObject({ code: 'aborted' });
    });
  });
}

const byName = (a: PortableRecord, b: PortableRecord): number => (nameRecord(a) < nameRecord(b) ? -1 : 1);

/** Without fields that are `undefined`. */
const defined = (value: object | undefined): Record<string, unknown> =>
  JSON.parse(JSON.stringify(value ?? {})) as Record<string, unknown>;
