import { AppError } from '../../domain/app-error.ts';
import type { AudioFile, AudioFileSort, AudioFileStore } from '../../domain/audio-file.ts';
import { withChapterCount } from '../../domain/audio-file.ts';
import { describeMatches } from '../../domain/audio-search.ts';
import type { Chapter } from '../../domain/chapter.ts';
import { parseSearch } from '../../domain/search-text.ts';
import { createQueuedFileCache } from './queued-file-cache.ts';
import { fromAudioFileRow, toAudioFileRow } from './audio-file-row.ts';
import { prepareAudioFileSearch } from './audio-file-search.ts';
import * as sql from './audio-file-sql.ts';
import { openSpokenWords } from './audio-file-spoken.ts';
import { hasSameWords, toTerms } from './audio-file-words.ts';
import type { Database, Statement } from './database.ts';
import { placeByNumber, placeByText, toPage } from './page-place.ts';
import { fromQueuedFileRow } from './queued-file-row.ts';
import { number, text } from './row.ts';

const SORT_COLUMNS: Readonly<Record<AudioFileSort, readonly string[]>> = {
  name: ['filename'],
  created: ['newest_first', 'filename'],
  duration: ['longest_first', 'filename'],
};

/** One for each database that is open: what another one writes through the same connection would go unnoticed. */
export function openSqliteAudioFileStore(db: Database): AudioFileStore {
  const dataVersion = db.prepare('PRAGMA data_version');
  /** Another number whenever another connection has written. */
  const othersVersion = (): number => number(dataVersion.get(), 'data_version');
  const cache = createQueuedFileCache({ version: othersVersion });
  let ownWrites = 0;
  const willChange = ({ tenantId, filename }: Pick<AudioFile, 'tenantId' | 'filename'>): void => {
    ownWrites += 1;
    cache.forget(tenantId, filename);
  };
  const find = db.prepare(sql.FIND);
  const findMany = db.prepare(sql.FIND_MANY);
  const findByOriginal = db.prepare(sql.FIND_BY_ORIGINAL);
  const isReferenced = db.prepare(sql.IS_REFERENCED);
  const insert = db.prepare(sql.INSERT, 'There is already a file of this name.');
  const update = db.prepare(sql.UPDATE);
  const remove = db.prepare(sql.DELETE);
  const search = prepareAudioFileSearch(db);
  const saveTerms = db.prepare(sql.SAVE_TERMS);
  const deleteTerms = db.prepare(sql.DELETE_TERMS);
  const findChapters = db.prepare(sql.FIND_CHAPTERS);
  const saveChapters = db.prepare(sql.SAVE_CHAPTERS);
  const deleteChapters = db.prepare(sql.DELETE_CHAPTERS);
  const spoken = openSpokenWords(db);
  const listAll = prepareLists(db, false);
  const listByState = prepareLists(db, true);

  return {
    async version() {
      return `${othersVersion()}.${ownWrites}`;
    },

    async find(tenantId, filename) {
      const row = find.get({ tenant: tenantId, filename });
      return row === undefined ? null : fromAudioFileRow(row);
    },

    async findMany(tenantId, filenames) {
      const { held, missing } = cache.look(tenantId, filenames);
      if (missing.length === 0) return held;
      const parameters = { tenant: tenantId, filenames: JSON.stringify(missing) };
      const read = findMany.all(parameters).map(fromQueuedFileRow);
      cache.hold(tenantId, read);
      return held.length === 0 ? read : [...held, ...read];
    },

    async findByOriginalSha256(tenantId, sha256) {
      const row = findByOriginal.get({ tenant: tenantId, sha256 });
      return row === undefined ? null : fromAudioFileRow(row);
    },

    async list(tenantId, query) {
      const { sort, state, limit } = query;
      const list = state === undefined ? listAll[sort] : listByState[sort];
      const rows = list.all({
        tenant: tenantId,
        ...(state === undefined ? {} : { state }),
        ...placeOf(query),
        limit: limit + 1,
      });
      return toPage(rows, limit, SORT_COLUMNS[sort], fromAudioFileRow);
    },

    async search(tenantId, query, limit) {
      const words = parseSearch(query);
      if (words.length === 0) return [];
      return search(tenantId, words, limit).map((file) => describeMatches(file, words));
    },

    async create(file) {
      const created = withChapterCount({ ...file, revision: 1 }, []);
      willChange(file);
      db.transaction(() => {
        const id = number(insert.get(toAudioFileRow(created)), 'id');
        saveTerms.run({ id, terms: toTerms(created) });
      });
      return created;
    },

    async save(file, ifRevision, { chapters, transcriptWords } = {}) {
      willChange(file);
      return db.transaction(() => {
        const row = find.get({ tenant: file.tenantId, filename: file.filename });
        if (row === undefined) throw new AppError('not_found', 'There is no file of this name.');
        const current = fromAudioFileRow(row);
        if (current.revision !== ifRevision) {
          throw new AppError('conflict', 'The file was changed in the meantime.');
        }
        const saved = withChapterCount({ ...file, revision: ifRevision + 1 }, chapters ?? current);
        update.run(toAudioFileRow(saved));
        const id = number(row, 'id');
        if (transcriptWords !== undefined || !hasSameWords(current, saved)) {
          if (transcriptWords !== undefined) spoken.save(id, transcriptWords);
          saveTerms.run({ id, terms: toTerms(saved, transcriptWords ?? spoken.find(id)) });
        }
        if (chapters?.length === 0) deleteChapters.run({ id });
        else if (chapters !== undefined) saveChapters.run({ id, chapters_json: JSON.stringify(chapters) });
        return saved;
      });
    },

    async findChapters(tenantId, filenames) {
      const rows = findChapters.all({ tenant: tenantId, filenames: JSON.stringify(filenames) });
      return new Map(
        rows.map((row) => [text(row, 'filename'), JSON.parse(text(row, 'chapters_json')) as Chapter[]]),
      );
    },

    async delete(tenantId, filename) {
      willChange({ tenantId, filename });
      return db.transaction(() => {
        const row = find.get({ tenant: tenantId, filename });
        if (row === undefined) return null;
        const id = number(row, 'id');
        remove.run({ id });
        deleteTerms.run({ id });
        return fromAudioFileRow(row);
      });
    },

    async isObjectReferenced(key) {
      return isReferenced.get({ key }) !== undefined;
    },
  };
}

function prepareLists(db: Database, byState: boolean): Record<AudioFileSort, Statement> {
  const prepare = (sort: AudioFileSort): Statement => db.prepare(sql.listSql(sort, byState));
  return { name: prepare('name'), created: prepare('created'), duration: prepare('duration') };
}

function placeOf(query: Parameters<AudioFileStore['list']>[1]): Record<string, string | number> {
  if (query.sort === 'name') return { filename: placeByText(query) };
  const { number: first, text } = placeByNumber(query);
  return { number: first, filename: text };
}
