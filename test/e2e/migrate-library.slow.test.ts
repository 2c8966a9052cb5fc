import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createArgon2Hasher } from '../../src/adapters/argon2/argon2-hasher.ts';
import { openSecret } from '../../src/services/sealed-secret.ts';
import { makeOldLibraryFile, oldFileRow, oldUserRow } from '../old-library-file.ts';
import { call } from './client.ts';
import { runCommand } from './command-line.ts';
import { makeDataDirectory, startProgram } from './program.ts';

const PASSWORD = 'correct horse battery';

describe("earshot migrate, of the predecessor's database", () => {
  let old: Awaited<ReturnType<typeof makeDataDirectory>>;
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  const migrate = (...args: string[]) =>
    runCommand(['migrate', join(old.path, 'old.db'), '--streams', join(old.path, 'streams'), ...args], {
      cwd: data.path,
      environment: {},
    });

  beforeAll(async () => {
    old = await makeDataDirectory();
    data = await makeDataDirectory();
    const hashed_password = await createArgon2Hasher().hash(PASSWORD);
    makeOldLibraryFile(join(old.path, 'old.db'), {
      users: [
        oldUserRow(1, 'Mum', { is_admin: 1, hashed_password, yoto_access_token: 'secret-access' }),
        oldUserRow(2, 'ben', { hashed_password: 'pbkdf2:sha256:1$x$y' }),
        oldUserRow(3, 'BEN', { updated_at: '2023-01-01 00:00:00' }),
        oldUserRow(4, 'no name at all!'),
        oldUserRow(5, 'clara', { created_at: '2024-01-02 03:04:05', is_active: 0 }),
      ],
      audio_files: [
        oldFileRow(1, 'one.mp3', { transcript: 'Once upon a time', transcript_status: 'completed' }),
        oldFileRow(2, 'two.mp3', { transcript: 'long '.repeat(100_000) }),
        oldFileRow(3, 'bad/name.mp3'),
      ],
      settings: [{ id: 1, key: 'client_id', value: 'hidden' }],
    });
    await mkdir(join(old.path, 'streams'));
    const definition = { name: 'bedtime', files: ['one.mp3', 'two.mp3', 'gone.mp3'], loop: true };
    await writeFile(join(old.path, 'streams', 'bedtime.json'), JSON.stringify(definition));
    await writeFile(join(old.path, 'streams', 'broken.json'), '{');
  });

  afterAll(async () => {
    await old.remove();
    await data.remove();
  });

  it('makes nothing with --dry-run, where nothing is', async () => {
    const { code, stdout } = await migrate('--dry-run');
    expect(stdout).toContain('Nothing was written. It would be:');
    expect(stdout).toContain('3 users and 2 audio records taken over, 0 users');
    expect(stdout).toContain('1 streams taken over, 0 there already');
    expect(code).toBe(1);
    expect(await readdir(data.path)).toEqual([]);
  });

  it('takes over what it can, tells the rest, and finds nothing to do the second time', async () => {
    const { code, stdout, stderr } = await migrate();
    expect(stderr).toContain('rows');
    for (const line of [
      'note: user ben (users, row 2) has a password that cannot be checked',
      'not taken over: user BEN (users, row 3): users, row 2 has the same name, and was changed later',
      'not taken over: user no name at all! (users, row 4): A user name has',
      'not taken over: audio file bad/name.mp3 (audio_files, row 3): A file name holds',
      'note: settings are not taken over; there were: client_id',
      'note: stream bedtime: not in the library: "gone.mp3"',
      'broken.json: It is no JSON',
      'looked for again: 3 users and 2 audio records are there',
      '1 streams taken over',
    ]) {
      expect(stdout).toContain(line);
    }
    expect(stdout).not.toMatch(/secret-access|hidden/);
    expect(code).toBe(1);
    const before = await hashOf(data.path);
    for (const args of [[], ['--dry-run']]) {
      const again = await migrate(...args);
      expect(again.stdout).toContain(
        '0 users and 0 audio records taken over, 3 users and 2 audio records there',
      );
      expect(again.stdout).toContain('0 streams taken over, 1 there already');
      expect(await hashOf(data.path)).toEqual(before);
    }
  });

  it('keeps tokens sealed and transcripts with the records', async () => {
    const db = new DatabaseSync(join(data.path, 'earshot.db'), { readOnly: true });
    const tokens = db.prepare('SELECT attributes_json FROM user_attributes').all();
    const [{ value } = { value: null }] = db
      .prepare("SELECT value FROM settings WHERE key = 'signing_secret'")
      .all();
    const carried = JSON.parse(String(tokens[0]?.['attributes_json'])) as { yoto_access_token: string };
    expect(openSecret(Buffer.from(String(value)), 'yoto_access_token', carried.yoto_access_token)).toBe(
      'secret-access',
    );
    expect(tokens).toHaveLength(1);
    const [short, long] = db
      .prepare(
        `SELECT transcript_text, transcript_key, transcript_excerpt, words FROM audio_files
         JOIN audio_file_transcript_words ON file_id = id ORDER BY id`,
      )
      .all();
    expect(short).toMatchObject({ transcript_text: 'Once upon a time', words: 'once upon a time' });
    expect(long).toMatchObject({ transcript_text: null, words: 'long' });
    expect(String(long?.['transcript_excerpt'])).toMatch(/^long long/);
    const text = await readFile(join(data.path, 'audio_files', String(long?.['transcript_key'])), 'utf8');
    expect(text).toHaveLength(500_000);
    db.close();
  });

  it('leaves a home in which the old password is right, and whose administrator is the old one', async () => {
    const program = await startProgram(data.path);
    const json = { username: 'mum', password: PASSWORD };
    const { status, body } = await call(program.url, '/api/user/login', { method: 'POST', json });
    expect(status).toBe(200);
    const headers = { authorization: `Bearer ${String(body['token'])}` };
    const users = JSON.stringify((await call(program.url, '/api/admin/users', { headers })).body);
    expect(users.match(/"username":"\w+"/g)).toHaveLength(3);
    const files = await call(program.url, '/api/audio/list', { headers });
    expect(JSON.stringify(files.body)).toContain('2024-05-06T07:08:09.000');
    await program.stop();
    expect(program.output.stderr).not.toContain('Password');
  });

  it('refuses what is no database of the predecessor', async () => {
    const { code, stderr } = await runCommand(['migrate', join(data.path, 'earshot.db')], {
      cwd: old.path,
      environment: {},
    });
    expect(stderr).toContain('no database of the predecessor');
    expect(code).toBe(1);
  });
});

/** Of every file in a directory; of a database what it holds, since to read it may touch its files. */
async function hashOf(directory: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((each) => each.isFile() && !/\.db-(wal|shm)$/.test(each.name))) {
    const path = join(entry.parentPath, entry.name);
    const content = entry.name.endsWith('.db') ? dumpDatabase(path) : await readFile(path);
    hashes[path] = createHash('sha256').update(content).digest('hex');
  }
  return hashes;
}

function dumpDatabase(path: string): string {
  const db = new DatabaseSync(path, { readOnly: true });
  const tables = ['users', 'user_attributes', 'audio_files', 'audio_file_attributes', 'settings', 'requests'];
  const rows = tables.map((table) => db.prepare(`SELECT * FROM ${table}`).all());
  db.close();
  return JSON.stringify(rows);
}
