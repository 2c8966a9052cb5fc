import { AppError } from '../../domain/app-error.ts';
import type { AudioFile, AudioFileSort, AudioFileStore } from '../../domain/audio-file.ts';
import { objectKeysOf, withChapterCount } from '../../domain/audio-file.ts';
import { describeMatches, searchLevel } from '../../domain/audio-search.ts';
import type { Chapter } from '../../domain/chapter.ts';
import type { PageKey } from '../../domain/page.ts';
import { parseSearch } from '../../domain/search-text.ts';
import { compareCodePoints, pageInOrder } from './sorted-page.ts';

export function createMemoryAudioFileStore(): AudioFileStore {
  const tenants = new Map<string, Map<string, AudioFile>>();
  const chapters = new Map<string, readonly Chapter[]>();
  const spoken = new Map<string, readonly string[]>();
  const idOf = (tenantId: string, filename: string): string => JSON.stringify([tenantId, filename]);
  let changes = 0;
  const filesOf = (tenantId: string): Map<string, AudioFile> =>
    tenants.get(tenantId) ?? new Map<string, AudioFile>();

  return {
    async version() {
      return String(changes);
    },

    async find(tenantId, filename) {
      return filesOf(tenantId).get(filename) ?? null;
    },

    async findMany(tenantId, filenames) {
      const files = filesOf(tenantId);
      return [...new Set(filenames)].flatMap((filename) => files.get(filename) ?? []);
    },

    async findByOriginalSha256(tenantId, sha256) {
      const copies = [...filesOf(tenantId).values()].filter(
        (file) => file.originalSha256 === sha256 && file.state !== 'failed',
      );
      copies.sort((a, b) => a.createdAtMs - b.createdAtMs || compareCodePoints(a.filename, b.filename));
      return copies[0] ?? null;
    },

    async list(tenantId, query) {
      const { sort, state } = query;
      const files = [...filesOf(tenantId).values()];
      return pageInOrder(
        files.filter((file) => state === undefined || file.state === state),
        (file) => sortKey(file, sort),
        query,
      );
    },

    async search(tenantId, text, limit) {
      const words = parseSearch(text);
      if (words.length === 0) return [];
      const found = [...filesOf(tenantId).values()].flatMap((file) => {
        const level = searchLevel(file, words, spoken.get(idOf(tenantId, file.filename)));
        return level === null ? [] : [{ file, level }];
      });
      // A Map keeps the order in which files came, and a sort that of equals.
      found.reverse().sort((a, b) => a.level - b.level);
      return found.slice(0, limit).map(({ file }) => describeMatches(file, words));
    },

    async create(file) {
      const files = filesOf(file.tenantId);
      if (files.has(file.filename)) {
        throw new AppError('already_exists', 'There is already a file of this name.');
      }
      changes += 1;
      const created = withChapterCount({ ...file, revision: 1 }, []);
      files.set(file.filename, created);
      tenants.set(file.tenantId, files);
      return created;
    },

    async save(file, ifRevision, beside = {}) {
      const files = filesOf(file.tenantId);
      const current = files.get(file.filename);
      if (current === undefined) throw new AppError('not_found', 'There is no file of this name.');
      if (current.revision !== ifRevision) {
        throw new AppError('conflict', 'The file was changed in the meantime.');
      }
      changes += 1;
      const saved = withChapterCount({ ...file, revision: ifRevision + 1 }, beside.chapters ?? current);
      files.set(file.filename, saved);
      const id = idOf(file.tenantId, file.filename);
      if (beside.chapters !== undefined) chapters.set(id, beside.chapters);
      if (beside.transcriptWords !== undefined) spoken.set(id, beside.transcriptWords);
      return saved;
    },

    async findChapters(tenantId, filenames) {
      const found = new Map<string, readonly Chapter[]>();
      for (const filename of filenames) {
        const held = chapters.get(idOf(tenantId, filename)) ?? [];
        if (held.length > 0) found.set(filename, held);
      }
      return found;
    },

    async delete(tenantId, filename) {
      const files = filesOf(tenantId);
      const file = files.get(filename) ?? null;
      changes += 1;
      files.delete(filename);
      chapters.delete(idOf(tenantId, filename));
      spoken.delete(idOf(tenantId, filename));
      return file;
    },

    async isObjectReferenced(key) {
      for (const files of tenants.values()) {
        for (const file of files.values()) {
          if (objectKeysOf(file).includes(key)) return true;
        }
      }
      return false;
    },
  };
}

function sortKey(file: AudioFile, sort: AudioFileSort): PageKey {
  switch (sort) {
    case 'name':
      return [file.filename];
    case 'created':
      return [-file.createdAtMs, file.filename];
    case 'duration':
      return [-file.durationMs, file.filename];
  }
}
