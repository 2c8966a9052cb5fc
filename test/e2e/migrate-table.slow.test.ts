import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { openDynamoTable, type DynamoTable, type Item } from '../../src/adapters/dynamodb/dynamo-table.ts';
import { createArgon2Hasher } from '../../src/adapters/argon2/argon2-hasher.ts';
import { openSecret } from '../../src/services/sealed-secret.ts';
import { oldAudio, oldStream, oldUser } from '../old-items.ts';
import { dynamoDbKind, makeDynamoClient } from '../servers/dynamodb-client.ts';
import { createHomeTables, deleteHomeTables, homeTables } from '../servers/home-tables.ts';
import { dumpTable } from '../servers/table-dump.ts';
import { call } from './client.ts';
import { runCommand } from './command-line.ts';
import { makeDataDirectory, startProgram } from './program.ts';

const PASSWORD = 'correct horse battery';

// dynalite has no transactions.
describe.skipIf(dynamoDbKind === 'dynalite')('earshot migrate, of a table of an older deployment', () => {
  const client = makeDynamoClient();
  const name = `earshot-e2e-${randomBytes(6).toString('hex')}`;
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let table: DynamoTable;
  const environment = {
    ...homeTables(name),
    DYNAMODB_ENDPOINT: inject('dynamodb').endpoint,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
  const migrate = (...args: string[]) => runCommand(['migrate', ...args], { cwd: data.path, environment });

  beforeAll(async () => {
    data = await makeDataDirectory();
    await createHomeTables(client, name);
    table = openDynamoTable(client, name);
    const hashed_password = await createArgon2Hasher().hash(PASSWORD);
    const items = [
      // Whom no look by name would find: a server must not make an "admin" beside it.
      oldUser('USER#ADMIN', 'ADMIN', { is_admin: true, hashed_password }),
      oldUser('user#anna', 'Anna', { hashed_password, yoto_refresh_token: 'open-refresh' }),
      oldUser('USER#Anna', 'Anna', {
        updated_at: '2023-01-01T00:00:00+00:00',
        yoto_access_token: 'open-access',
        yoto_token_expires_at: '2024-05-06T07:08:09+00:00',
      }),
      oldAudio('one.mp3', { transcript: 'Once upon a time' }),
      oldAudio('two.mp3', { transcript_status: 'error', duration: null }),
      oldStream('bedtime', true),
    ];
    await table.writeMany(items.map((put) => ({ put })));
  });

  afterAll(async () => {
    await deleteHomeTables(client, name);
    client.destroy();
    await data.remove();
  });

  it('lets no server make an administrator before', async () => {
    const program = await startProgram(data.path, environment);
    await vi.waitFor(() => expect(program.output.stdout).toContain('wait for npx earshot migrate'));
    await program.stop();
    expect(program.output.stderr).not.toContain('Password');
    expect((await dumpTable(client, name)).filter((item) => item.includes('"USERS"'))).toEqual([]);
  });

  it('changes nothing with --dry-run', async () => {
    const before = await dumpTable(client, name);
    const { code, stdout } = await migrate('--dry-run');
    expect(stdout).toContain('Nothing was written. It would be:');
    expect(stdout).toContain('2 users, 2 audio files and 1 streams upgraded, 1 users set aside');
    expect(code).toBe(0);
    expect(await dumpTable(client, name)).toEqual(before);
  });

  it('upgrades all, tells what gave way, and finds nothing to do the second time', async () => {
    const { code, stdout, stderr } = await migrate();
    expect(stderr).toContain('5 items');
    expect(stdout).toContain('user Anna at USER#Anna gives way to the one at user#anna');
    expect(stdout).toContain('1 users set aside; counted again: 0 old items are left');
    expect(code).toBe(0);
    const before = await dumpTable(client, name);
    expect((await migrate()).stdout).toContain(
      '0 users, 0 audio files and 0 streams upgraded, 0 users set aside; counted again: 0 old',
    );
    expect(await dumpTable(client, name)).toEqual(before);
  });

  it('seals tokens, of users who gave way too', async () => {
    expect((await dumpTable(client, name)).join('\n')).not.toMatch(/open-(access|refresh)/);
    const secret = await table.get({ PK: 'SETTING#signing_secret', SK: 'VALUE' });
    const open = (attribute: string, item: Item | null | undefined) =>
      openSecret(Buffer.from(secret?.['value'] as string), attribute, item?.[attribute] as string);
    const anna = await table.get({ PK: 'USER#anna', SK: 'PROFILE' });
    expect(open('yoto_refresh_token', anna)).toBe('open-refresh');
    const [aside] = (await table.query({ partition: 'SUPERSEDED#USER#Anna' })).items;
    expect(open('yoto_access_token', aside)).toBe('open-access');
    expect(aside?.['yoto_token_expires_at']).toBe('2024-05-06T07:08:09+00:00');
  });

  it('leaves a home in which the administrator logs in, and everything is listed', async () => {
    const program = await startProgram(data.path, environment);
    const json = { username: 'admin', password: PASSWORD };
    const { status, body } = await call(program.url, '/api/user/login', { method: 'POST', json });
    expect(status).toBe(200);
    const headers = { authorization: `Bearer ${String(body['token'])}` };
    const users = await call(program.url, '/api/admin/users', { headers });
    expect(JSON.stringify(users.body)).toContain('ADMIN');
    expect(JSON.stringify(users.body).match(/"username"/g)).toHaveLength(2);
    const files = await call(program.url, '/api/audio/list', { headers });
    expect(JSON.stringify(files.body)).toMatch(/one\.mp3.*two\.mp3|two\.mp3.*one\.mp3/);
    const found = await call(program.url, '/api/audio/search?q=two', { headers });
    expect(found.body).toMatchObject({ count: 1 });
    expect((await call(program.url, '/api/streams/queues', { headers })).body).toMatchObject({
      queues: [{ name: 'bedtime' }],
    });
    await program.stop();
    expect(program.output.stderr).not.toContain('Password');
  });

  it('asks for what it is to work on', async () => {
    const { code, stderr } = await runCommand(['migrate'], { cwd: data.path, environment: {} });
    expect(stderr).toContain('DYNAMODB_TABLE');
    expect(code).toBe(1);
  });
});
