import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/domain/clock.ts';
import type { StoredStream, StreamDefinition, StreamStore } from '../../src/domain/stream.ts';

export interface OpenStreamStore {
  readonly store: StreamStore;
  readonly close?: () => Promise<void> | void;
}

const START_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

function definition(name: string, change: Partial<StreamDefinition> = {}): StreamDefinition {
  return {
    tenantId: 'default',
    name,
    files: ['story.mp3'],
    playMode: 'sequential',
    persistence: 'permanent',
    updatedAtMs: START_MS,
    ...change,
  };
}

function contentOf({ revision: _revision, storedAtMs: _stored, ...content }: StoredStream): StreamDefinition {
  return content;
}

async function namesOf(store: StreamStore, tenantId: string, limit: number): Promise<string[]> {
  const names: string[] = [];
  let page = await store.list(tenantId, { limit });
  for (;;) {
    expect(page.items.length).toBeLessThanOrEqual(limit);
    names.push(...page.items.map((stream) => stream.name));
    if (page.next === undefined) return names;
    // What a page calls "next" travels through a signed cursor as JSON.
    const after = JSON.parse(JSON.stringify(page.next)) as typeof page.next;
    page = await store.list(tenantId, { limit, after });
  }
}

/** What every StreamStore keeps. `open` gives an empty store that tells the time by `clock`. */
export function describeStreamStoreContract(
  name: string,
  open: (clock: Clock) => Promise<OpenStreamStore> | OpenStreamStore,
): void {
  describe(`StreamStore: ${name}`, () => {
    let nowMs = START_MS;
    let opened: OpenStreamStore;
    let store: StreamStore;

    beforeEach(async () => {
      nowMs = START_MS;
      opened = await open(() => nowMs);
      store = opened.store;
    });

    afterEach(async () => {
      await opened.close?.();
    });

    it('knows nothing at first', async () => {
      expect(await store.find('default', 'bedtime')).toBeNull();
      expect(await store.list('default', { limit: 10 })).toEqual({ items: [] });
      expect(await store.delete('default', 'bedtime')).toBe(false);
      expect(await store.listUsing('default', 'story.mp3', 10)).toEqual([]);
      await store.deleteBySession('default', 'session-1');
    });

    it('gives back what was saved, field by field', async () => {
      const full = definition('bedtime', {
        title: 'Gute Nacht, “Mond” ☾',
        files: ['Größe 1.mp3', 'story.mp3', 'Größe 1.mp3'],
        playMode: 'endless-shuffle',
        persistence: 'session',
        expiresAtMs: START_MS + 60_001,
        sessionId: 'session-1',
        createdBy: '1700000000000',
      });
      const saved = await store.save(full);
      expect(contentOf(saved)).toEqual(full);
      expect(await store.find('default', 'bedtime')).toEqual(saved);
      const empty = await store.save(definition('empty', { files: [], updatedAtMs: undefined }));
      expect((await store.find('default', 'empty'))?.files).toEqual([]);
      expect(empty.title).toBeUndefined();
    });

    it('keeps a schedule of the largest length', async () => {
      const before = Array.from({ length: 8 }, (_, number) => ({
        queueKey: `queues/${String(number).repeat(64)}.json`,
        queueBytes: 299_999,
        playMode: number % 2 === 0 ? ('loop' as const) : ('endless-shuffle' as const),
        startFrame: 68_000_000_000 + number,
        firstEpoch: number,
        untilFrame: 68_000_000_001 + number,
        untilMs: 1_795_161_603_217 + number,
      }));
      const schedule = { before, startFrame: 68_000_000_008, firstEpoch: 8 };
      const saved = await store.save(definition('station', { playMode: 'loop', schedule }));
      expect(saved.schedule).toEqual(schedule);
      expect(await store.find('default', 'station')).toEqual(saved);
      const unscheduled = await store.save(definition('station', { playMode: 'loop' }), saved.revision);
      expect(unscheduled.revision).not.toBe(saved.revision);
      expect((await store.find('default', 'station'))?.schedule).toBeUndefined();
    });

    it('keeps every play mode', async () => {
      for (const playMode of ['sequential', 'loop', 'shuffle', 'endless-shuffle'] as const) {
        await store.save(definition(playMode, { playMode }));
        expect((await store.find('default', playMode))?.playMode).toBe(playMode);
      }
    });

    it('replaces a definition, and gives the new content another revision', async () => {
      const first = await store.save(definition('bedtime', { title: 'Old', createdBy: '1' }));
      const second = await store.save(definition('bedtime', { files: ['a.mp3'] }));
      expect(second.revision).not.toBe(first.revision);
      const found = await store.find('default', 'bedtime');
      expect(found).toEqual(second);
      expect(found?.title).toBeUndefined();
      expect(found?.createdBy).toBeUndefined();
    });

    it('saves only over the revision that was expected', async () => {
      const first = await store.save(definition('bedtime'), null);
      await expect(store.save(definition('bedtime'), null)).rejects.toMatchObject({
        code: 'precondition_failed',
      });
      const second = await store.save(definition('bedtime', { files: ['b.mp3'] }), first.revision);
      await expect(
        store.save(definition('bedtime', { files: ['c.mp3'] }), first.revision),
      ).rejects.toMatchObject({ code: 'precondition_failed' });
      await expect(store.save(definition('other'), second.revision)).rejects.toMatchObject({
        code: 'precondition_failed',
      });
      expect((await store.find('default', 'bedtime'))?.files).toEqual(['b.mp3']);
      expect(await store.find('default', 'other')).toBeNull();
    });

    it('lets one of many savers win who expect the same revision', async () => {
      const base = await store.save(definition('bedtime', { files: [] }));
      const saves = Array.from({ length: 20 }, (_, number) =>
        store.save(definition('bedtime', { files: [`${number}.mp3`] }), base.revision),
      );
      const outcomes = await Promise.allSettled(saves);
      const winners = outcomes.filter((outcome) => outcome.status === 'fulfilled');
      expect(winners).toHaveLength(1);
      expect(await store.find('default', 'bedtime')).toEqual(winners[0]?.value);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected')
          expect(outcome.reason).toMatchObject({ code: 'precondition_failed' });
      }
    });

    it('lets one of many savers win who expect nothing to be there', async () => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, (_, number) =>
          store.save(definition('new', { files: [`${number}.mp3`] }), null),
        ),
      );
      expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    });

    it('deletes, once, and only the revision that was expected', async () => {
      const first = await store.save(definition('bedtime'));
      const second = await store.save(definition('bedtime', { files: [] }));
      await expect(store.delete('default', 'bedtime', first.revision)).rejects.toMatchObject({
        code: 'precondition_failed',
      });
      expect(await store.delete('default', 'bedtime', second.revision)).toBe(true);
      expect(await store.delete('default', 'bedtime')).toBe(false);
      await expect(store.delete('default', 'bedtime', second.revision)).rejects.toMatchObject({
        code: 'precondition_failed',
      });
      expect(await store.find('default', 'bedtime')).toBeNull();
    });

    it('lists by name, by code point, page by page', async () => {
      const names = ['b', 'a', 'B', 'a-1', 'a_1', 'aa', '0', '-x', '_y', 'Z'];
      for (const each of names) await store.save(definition(each));
      const sorted = ['-x', '0', 'B', 'Z', '_y', 'a', 'a-1', 'a_1', 'aa', 'b'];
      for (const limit of [1, 3, 5, 10, 1000]) expect(await namesOf(store, 'default', limit)).toEqual(sorted);
    });

    it('goes on after a page although its last item is gone', async () => {
      for (const each of ['a', 'b', 'c', 'd']) await store.save(definition(each));
      const page = await store.list('default', { limit: 2 });
      await store.delete('default', 'b');
      const rest = await store.list('default', { limit: 2, after: page.next });
      expect(rest.items.map((stream) => stream.name)).toEqual(['c', 'd']);
      expect(rest.next).toBeUndefined();
    });

    it('keeps tenants apart', async () => {
      await store.save(definition('bedtime', { title: 'Ours' }));
      await store.save(definition('bedtime', { tenantId: 'neighbours', title: 'Theirs', sessionId: 's' }));
      expect((await store.find('default', 'bedtime'))?.title).toBe('Ours');
      expect((await store.find('neighbours', 'bedtime'))?.tenantId).toBe('neighbours');
      expect(await store.find('others', 'bedtime')).toBeNull();
      expect(await namesOf(store, 'others', 10)).toEqual([]);
      expect(await namesOf(store, 'neighbours', 10)).toEqual(['bedtime']);
      expect(await store.listUsing('others', 'story.mp3', 10)).toEqual([]);
      await store.deleteBySession('default', 's');
      expect(await store.delete('neighbours', 'bedtime')).toBe(true);
      expect((await store.find('default', 'bedtime'))?.title).toBe('Ours');
    });

    it('treats an expired stream as gone', async () => {
      const brief = await store.save(definition('brief', { expiresAtMs: START_MS + 1000 }));
      await store.save(definition('lasting'));
      nowMs = START_MS + 999;
      expect(await store.find('default', 'brief')).toEqual(brief);
      nowMs = START_MS + 1000;
      expect(await namesOf(store, 'default', 1)).toEqual(['lasting']);
      expect(await store.listUsing('default', 'story.mp3', 10)).toEqual(['lasting']);
      expect(await store.find('default', 'brief')).toBeNull();
      expect(await store.delete('default', 'brief')).toBe(false);
      await expect(store.save(definition('brief'), brief.revision)).rejects.toMatchObject({
        code: 'precondition_failed',
      });
      const anew = await store.save(definition('brief', { title: 'Anew' }), null);
      expect(await store.find('default', 'brief')).toEqual(anew);
    });

    it('names the streams whose queue holds a file', async () => {
      await store.save(definition('one', { files: ['a.mp3', 'b.mp3'] }));
      await store.save(definition('two', { files: ['b.mp3', 'b.mp3'] }));
      await store.save(definition('three', { files: ['ab.mp3', 'B.mp3'] }));
      expect((await store.listUsing('default', 'b.mp3', 10)).toSorted()).toEqual(['one', 'two']);
      expect(await store.listUsing('default', 'b.mp3', 1)).toHaveLength(1);
      expect(await store.listUsing('default', 'c.mp3', 10)).toEqual([]);
    });

    it('deletes the session streams of one login session, and no others', async () => {
      const session = { persistence: 'session', sessionId: 'session-1' } as const;
      await store.save(definition('mine-1', session));
      await store.save(definition('mine-2', session));
      await store.save(definition('kept', { persistence: 'permanent', sessionId: 'session-1' }));
      await store.save(definition('theirs', { persistence: 'session', sessionId: 'session-2' }));
      await store.save(definition('plain'));
      await store.deleteBySession('default', 'session-1');
      expect(await namesOf(store, 'default', 10)).toEqual(['kept', 'plain', 'theirs']);
    });

    it('holds a queue of the largest length', async () => {
      const files = Array.from({ length: 5000 }, (_, number) => `chapter ${number}.mp3`);
      await store.save(definition('saga', { files }));
      expect((await store.find('default', 'saga'))?.files).toEqual(files);
      expect(await store.listUsing('default', 'chapter 4999.mp3', 1)).toEqual(['saga']);
    });

    it('holds 300 KB of file names as JSON and 5,000 entries, to the byte and the entry', async () => {
      // The brackets, then a comma, two quotes and the bytes of each: `ä` has two, a quote is escaped.
      const most = Array.from({ length: 1500 }, () => `ä"${'x'.repeat(192)}`);
      const { length: usedBytes } = Buffer.from(JSON.stringify(most));
      most.push('y'.repeat(300_000 - usedBytes - 3));
      expect(Buffer.byteLength(JSON.stringify(most))).toBe(300_000);
      const title = '\u{1f40b}'.repeat(200);
      await store.save(definition('saga', { files: most, title }));
      expect((await store.find('default', 'saga'))?.files).toEqual(most);

      const tooMuch = [...most.slice(0, -1), `${most.at(-1)}y`];
      const tooMany = Array.from({ length: 5001 }, () => 'a.mp3');
      for (const files of [tooMuch, tooMany]) {
        await expect(store.save(definition('saga', { files }))).rejects.toMatchObject({ code: 'too_large' });
        await expect(store.save(definition('new', { files }))).rejects.toMatchObject({ code: 'too_large' });
      }
      expect((await store.find('default', 'saga'))?.files).toEqual(most);
      expect(await store.find('default', 'new')).toBeNull();
    });

    it('does not share its state with what it is given or gives', async () => {
      const files = ['a.mp3'];
      await store.save(definition('bedtime', { files }));
      files.push('b.mp3');
      const found = await store.find('default', 'bedtime');
      expect(found?.files).toEqual(['a.mp3']);
    });
  });
}
