import { randomBytes } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createArgon2Hasher } from '../../src/adapters/argon2/argon2-hasher.ts';
import { dynamoDbKind, makeDynamoClient } from '../servers/dynamodb-client.ts';
import { createHomeTables, deleteHomeTables, homeTables } from '../servers/home-tables.ts';
import { dumpTable } from '../servers/table-dump.ts';
import { runCommand } from './command-line.ts';
import { makeDataDirectory } from './program.ts';

const HASH = '$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$aGFzaGhhc2hoYXNoaGFzaA';
const KEPT_SECRET = 'correct horse battery';

describe('earshot user import', () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let files: Awaited<ReturnType<typeof makeDataDirectory>>;
  const run = (args: readonly string[], environment: Record<string, string> = {}) =>
    runCommand(['user', 'import', ...args], { cwd: data.path, environment });

  async function file(text: string): Promise<string> {
    const path = join(files.path, `${randomBytes(4).toString('hex')}.csv`);
    await writeFile(path, text);
    return path;
  }

  beforeAll(async () => {
    data = await makeDataDirectory();
    files = await makeDataDirectory();
  });
  afterAll(async () => {
    await data.remove();
    await files.remove();
  });

  const list = [
    '\uFEFFusername,email,password_hash,password,is_admin',
    `anna,anna@example.org,"${HASH}",,true`,
    `"ben",,,${KEPT_SECRET},`,
    '',
    `ANNA,,"${HASH}",,no`,
    'clara,,md5:xyz,,no',
    `dora,no address,"${HASH}",,no`,
    `eva,,"${HASH}",${KEPT_SECRET},no`,
    'finn,,,short,no',
    `gina,,,"a password, with a comma",perhaps`,
    `hugo,,,"a password, with a comma",1`,
    'two words,,,long enough,0',
  ].join('\r\n');

  it('names every bad row with its line and makes nothing, with --dry-run', async () => {
    const path = await file(list);
    const { code, stdout, stderr } = await run([path, '--dry-run']);
    expect(stdout.split('\n').filter((line) => line.startsWith('not taken over'))).toEqual([
      'not taken over: line 5: Line 2 has the same name.',
      'not taken over: line 6: The password_hash is not one of argon2id as a PHC string.',
      'not taken over: line 7: This is no e-mail address.',
      'not taken over: line 8: A user has either a password or a password_hash.',
      'not taken over: line 9: A password has at least 8 characters.',
      'not taken over: line 10: is_admin is true or false.',
      'not taken over: line 12: A user name has 1 to 64 letters, digits, ".", "-", "_", "@" or "+".',
    ]);
    expect(stdout).toContain('Nothing was written. It would be:\n3 added, 0 there already, 7 refused\n');
    expect(stdout + stderr).not.toMatch(/correct horse|comma|short$/m);
    expect(code).toBe(1);
    expect(await readdir(data.path)).toEqual([]);
  });

  it('adds users, and leaves those alone who are there', async () => {
    const path = await file(list);
    expect((await run([path])).stdout).toContain(
      '3 added, 0 there already, 7 refused; looked for again: 3 are there',
    );
    const db = new DatabaseSync(join(data.path, 'earshot.db'), { readOnly: true });
    const rows = db
      .prepare('SELECT username, email, is_admin, is_active, password_hash FROM users ORDER BY username')
      .all();
    db.close();
    expect(rows).toMatchObject([
      { username: 'anna', email: 'anna@example.org', is_admin: 1, is_active: 1, password_hash: HASH },
      { username: 'ben', email: null, is_admin: 0 },
      { username: 'hugo', is_admin: 1 },
    ]);
    const hasher = createArgon2Hasher();
    expect(await hasher.verify(KEPT_SECRET, String(rows[1]?.['password_hash']))).toBe(true);
    expect(await hasher.verify('a password, with a comma', String(rows[2]?.['password_hash']))).toBe(true);
    const again = await run([await file(`username,password\nBEN,another password\nida,long enough`)]);
    expect(again.stdout).toContain('note: line 2: there is a user BEN already, who was left alone');
    expect(again.stdout).toContain('1 added, 1 there already, 0 refused');
    expect(again.code).toBe(0);
  });

  it.each([
    ['a column that is not known', 'username,mail,password\n', 'Column 2 has no name that is known'],
    ['no header', `anna,${KEPT_SECRET}\n`, 'Column 1 has no name that is known'],
    ['a column twice', 'username,username,password\n', 'named twice'],
    ['no passwords', 'username,email\n', 'columns that are needed'],
    ['a quote without an end', `username,password\n"anna,${KEPT_SECRET}\n`, 'line'],
    ['an endless row', `username,password\n${'x'.repeat(20_000)},y\n`, 'CSV_MAX_RECORD_SIZE'],
  ])('refuses a file with %s', async (_what, text, message) => {
    const { code, stdout, stderr } = await run([await file(text)]);
    expect(stderr).toContain(message);
    expect(stdout + stderr).not.toContain(KEPT_SECRET);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(code).toBe(1);
  });

  it('tells of a file that is not there', async () => {
    expect((await run([join(files.path, 'nowhere.csv')])).stderr).toContain('ENOENT');
  });

  describe.skipIf(dynamoDbKind === 'dynalite')('into DynamoDB', () => {
    const client = makeDynamoClient();
    const name = `earshot-e2e-${randomBytes(6).toString('hex')}`;
    beforeAll(async () => {
      await createHomeTables(client, name);
    });
    afterAll(async () => {
      await deleteHomeTables(client, name);
      client.destroy();
    });

    it('adds thousands in batches, goes on after a kill, and counts them', async () => {
      const environment = {
        ...homeTables(name),
        DYNAMODB_ENDPOINT: inject('dynamodb').endpoint,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
      };
      const rows = Array.from({ length: 700 }, (_, at) => `reader${at},"${HASH}"`);
      const path = await file(`username,password_hash\n${rows.join('\n')}\n`);
      const before = await dumpTable(client, name);
      const dry = await run([path, '--dry-run'], environment);
      expect(dry.stdout).toContain('700 added, 0 there already, 0 refused');
      expect(await dumpTable(client, name)).toEqual(before);
      const killed = await runCommand(['user', 'import', path], {
        cwd: data.path,
        environment,
        killWhen: (stderr) => stderr.split('\n').length > 250,
      });
      expect(killed.code).toBeNull();
      const { stdout, code } = await run([path], environment);
      const [, added, there] = /(\d+) added, (\d+) there already, 0 refused/.exec(stdout) ?? [];
      expect(Number(there)).toBeGreaterThanOrEqual(250);
      expect(Number(added) + Number(there)).toBe(700);
      expect(code).toBe(0);
      const items = (await dumpTable(client, name)).filter((item) => item.includes('"USERS"'));
      expect(items).toHaveLength(700);
    });
  });
});
