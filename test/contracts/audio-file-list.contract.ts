import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AudioFile, AudioFileSort, AudioFileStore } from '../../src/domain/audio-file.ts';
import { audioFile, START_MS } from '../sample-records.ts';
import type { OpenAudioFileStore } from './audio-file-store.contract.ts';
import { readPages } from './pages.ts';

const namesOf = (files: readonly AudioFile[]): string[] => files.map((file) => file.filename);

/** What the lists of every AudioFileStore keep. */
export function describeAudioFileListContract(
  name: string,
  open: () => OpenAudioFileStore | Promise<OpenAudioFileStore>,
): void {
  describe(`AudioFileStore.list: ${name}`, () => {
    const states = ['ready', 'processing', 'failed'] as const;
    // Few times and durations, so that most are ties; the names in an order of code points that is not that of
    // UTF-16 ("𝄞" is above "﷐"), nor of any language.
    const names = ['b', 'B', 'a', 'ä', 'a b', 'a-b', 'a_b', 'Z', 'z', '𝄞', '﷐', '10', '9'];
    const files = names.map((each, index) =>
      audioFile(`${each}.mp3`, {
        createdAtMs: START_MS + (index % 3),
        durationMs: [0, 26.122448979591837, 26.12244897959184, 5000][index % 4] ?? 0,
        state: states[index % 2] ?? 'ready',
      }),
    );
    const byName = (a: AudioFile, b: AudioFile): number =>
      Buffer.compare(Buffer.from(a.filename), Buffer.from(b.filename));
    const orders: Record<AudioFileSort, (a: AudioFile, b: AudioFile) => number> = {
      name: byName,
      created: (a, b) => b.createdAtMs - a.createdAtMs || byName(a, b),
      duration: (a, b) => b.durationMs - a.durationMs || byName(a, b),
    };

    let opened: OpenAudioFileStore;
    let store: AudioFileStore;

    beforeEach(async () => {
      opened = await open();
      store = opened.store;
      for (const file of files) await store.create(file);
      await store.create(audioFile('foreign.mp3', { tenantId: 'neighbours' }));
    });
    afterEach(() => opened.close?.());

    for (const sort of ['name', 'created', 'duration'] as const) {
      it(`by ${sort}, pages of every size give every file once, in order`, async () => {
        const sorted = namesOf(files.toSorted(orders[sort]));
        for (let limit = 1; limit <= files.length + 1; limit += 1) {
          const read = await readPages((page) => store.list('default', { sort, ...page }), limit);
          expect(namesOf(read)).toEqual(sorted);
        }
      });

      it(`by ${sort}, of one state`, async () => {
        for (const state of states) {
          const sorted = namesOf(files.filter((file) => file.state === state).toSorted(orders[sort]));
          for (const limit of [1, 2, 5, 1000]) {
            const read = await readPages((page) => store.list('default', { sort, state, ...page }), limit);
            expect(namesOf(read)).toEqual(sorted);
          }
        }
      });

      it(`by ${sort}, goes on after a page although its last file is gone`, async () => {
        const sorted = files.toSorted(orders[sort]);
        const first = await store.list('default', { sort, limit: 4 });
        await store.delete('default', sorted[3]?.filename ?? '');
        await store.create(audioFile('!.mp3', { createdAtMs: START_MS + 9, durationMs: 9999 }));
        const rest = await store.list('default', {
          sort,
          limit: 1000,
          after: first.next,
        });
        expect(namesOf(rest.items)).toEqual(namesOf(sorted.slice(4)));
      });
    }

    it('refuses a place of another list', async () => {
      const { next } = await store.list('default', { sort: 'name', limit: 1 });
      const wrong = store.list('default', {
        sort: 'created',
        limit: 1,
        after: next,
      });
      await expect(wrong).rejects.toMatchObject({ code: 'invalid_input' });
    });
  });
}
