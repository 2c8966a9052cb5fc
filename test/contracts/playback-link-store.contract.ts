import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/domain/clock.ts';
import type { PlaybackLink, PlaybackLinkStore, PlaybackTarget } from '../../src/domain/credentials.ts';
import { readPages } from './pages.ts';
import { START_MS } from '../sample-records.ts';

export interface OpenPlaybackLinkStore {
  readonly store: PlaybackLinkStore;
  readonly close?: () => Promise<void> | void;
}

const STORY: PlaybackTarget = { kind: 'stream', tenantId: 'default', name: 'story' };
const OTHERS: readonly PlaybackTarget[] = [
  { ...STORY, kind: 'file' },
  { ...STORY, tenantId: 'neighbours' },
  { ...STORY, name: 'Story' },
];

const playbackLink = (id: string, change: Partial<PlaybackLink> = {}): PlaybackLink => ({
  ...STORY,
  id,
  createdBy: 'anna',
  createdAtMs: START_MS,
  ...change,
});

export function describePlaybackLinkStoreContract(
  name: string,
  open: (clock: Clock) => OpenPlaybackLinkStore | Promise<OpenPlaybackLinkStore>,
): void {
  describe(`PlaybackLinkStore: ${name}`, () => {
    let nowMs = START_MS;
    let opened: OpenPlaybackLinkStore;
    let store: PlaybackLinkStore;

    beforeEach(async () => {
      nowMs = START_MS;
      opened = await open(() => nowMs);
      store = opened.store;
    });
    afterEach(() => opened.close?.());

    const idsOf = async (target: PlaybackTarget, limit = 1000): Promise<string[]> => {
      const links = await readPages((page) => store.listByTarget(target, page), limit);
      return links.map((link) => link.id);
    };

    it('finds a link by its id', async () => {
      const link = playbackLink('1', { expiresAtMs: START_MS + 1000 });
      await store.create(link);
      expect(await store.find('1')).toEqual(link);
      expect(await store.find('2')).toBeNull();
      await expect(store.create(link)).rejects.toMatchObject({ code: 'already_exists' });
    });

    it('lists the links of a target, newest first, page by page', async () => {
      for (const [index, id] of ['c', 'a', 'e', 'b', 'd'].entries()) {
        await store.create(playbackLink(id, { createdAtMs: START_MS + Math.floor(index / 2) }));
      }
      for (const [index, target] of OTHERS.entries()) await store.create(playbackLink(`${index}`, target));
      for (const limit of [1, 2, 3, 5, 6]) {
        expect(await idsOf(STORY, limit)).toEqual(['d', 'b', 'e', 'a', 'c']);
      }
      for (const [index, target] of OTHERS.entries()) expect(await idsOf(target)).toEqual([`${index}`]);
    });

    it('counts an expired link as gone', async () => {
      await store.create(playbackLink('1', { expiresAtMs: START_MS + 1000 }));
      nowMs = START_MS + 999;
      expect(await store.find('1')).not.toBeNull();
      nowMs = START_MS + 1000;
      expect(await store.find('1')).toBeNull();
      expect(await idsOf(STORY)).toEqual([]);
      expect(await store.delete(STORY, '1')).toBe(false);
    });

    it('deletes a link of this target only', async () => {
      await store.create(playbackLink('1'));
      for (const target of OTHERS) expect(await store.delete(target, '1')).toBe(false);
      expect(await store.find('1')).not.toBeNull();
      expect(await store.delete(STORY, '1')).toBe(true);
      expect(await store.delete(STORY, '1')).toBe(false);
      expect(await store.find('1')).toBeNull();
    });

    it('deletes all links of a target', async () => {
      for (const id of ['1', '2']) await store.create(playbackLink(id));
      for (const [index, target] of OTHERS.entries()) await store.create(playbackLink(`x${index}`, target));
      await store.deleteByTarget(STORY);
      await store.deleteByTarget(STORY);
      expect(await idsOf(STORY)).toEqual([]);
      for (const index of OTHERS.keys()) expect(await store.find(`x${index}`)).not.toBeNull();
    });

    it('removes what has expired, a bounded number at a time', async () => {
      for (const id of ['1', '2', '3'])
        await store.create(playbackLink(id, { expiresAtMs: START_MS + 1000 }));
      await store.create(playbackLink('4', { expiresAtMs: START_MS + 1001 }));
      await store.create(playbackLink('5'));
      expect(await store.deleteExpired(START_MS + 999, 10)).toBe(0);
      expect(await store.deleteExpired(START_MS + 1000, 2)).toBe(2);
      expect(await store.deleteExpired(START_MS + 1000, 2)).toBe(1);
      expect(await store.find('4')).not.toBeNull();
      expect(await store.find('5')).not.toBeNull();
    });
  });
}
