import { describe, expect, it } from 'vitest';
import * as sql from './audio-file-sql.ts';
import { openDatabase } from './database.ts';
import { text } from './row.ts';

function planOf(statement: string): string[] {
  const db = openDatabase(':memory:');
  try {
    return db
      .prepare(`EXPLAIN QUERY PLAN ${statement}`)
      .all()
      .map((row) => text(row, 'detail'));
  } finally {
    db.close();
  }
}

describe('what is asked of audio_files', () => {
  const lists = (['name', 'created', 'duration'] as const).flatMap((sort) =>
    [false, true].map((byState) => [
      `list by ${sort}${byState ? ' of a state' : ''}`,
      sql.listSql(sort, byState),
    ]),
  );

  it.each([
    ...lists,
    ['find', sql.FIND],
    ['find many', sql.FIND_MANY],
    ['find by original', sql.FIND_BY_ORIGINAL],
    ['is referenced', sql.IS_REFERENCED],
    ['find chapters', sql.FIND_CHAPTERS],
  ])('%s goes by an index and sorts nothing', (_name, statement) => {
    const plan = planOf(statement);
    const onTable = plan.filter((detail) => detail.includes('audio_files'));
    expect(onTable.length).toBeGreaterThan(0);
    for (const detail of onTable) expect(detail).toMatch(/^SEARCH audio_files USING (COVERING )?INDEX/);
    expect(plan.join('\n')).not.toMatch(/TEMP B-TREE/);
  });

  it.each(lists)('%s starts at the place within the index', (name, statement) => {
    const [detail] = planOf(statement);
    expect(detail).toMatch(name?.includes('name') ? /filename>\?\)$/ : /_first,filename\)>\(\?,\?\)\)$/);
  });

  it('search reads the rows that were found, and no others', () => {
    const hits = planOf(sql.FIND_HITS).join('\n');
    expect(hits).toMatch(/^SCAN audio_file_terms VIRTUAL TABLE INDEX/);
    expect(hits).not.toMatch(/TEMP B-TREE/);
    expect(planOf(sql.FIND_SPOKEN)[0]).toMatch(/USING INTEGER PRIMARY KEY/);
    expect(planOf(sql.FIND_BY_IDS)[0]).toMatch(/^SEARCH audio_files USING INTEGER PRIMARY KEY/);
  });
});
