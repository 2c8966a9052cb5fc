import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, inject, it, vi } from 'vitest';
import { dynamoDbKind } from '../servers/dynamodb-client.ts';
import { homeTables } from '../servers/home-tables.ts';
import { call } from './client.ts';
import { makeDataDirectory, root } from './program.ts';

// dynalite has no transactions.
describe.skipIf(dynamoDbKind === 'dynalite')('npm run dev:aws', () => {
  it('starts a DynamoDB, an S3 and a server on top of them, and ends them together', async () => {
    const data = await makeDataDirectory();
    const child = spawn(process.execPath, [join(root, 'scripts', 'dev-aws.ts')], {
      env: {
        PATH: process.env['PATH'] ?? '',
        PORT: '0',
        DATA_DIR: data.path,
        DYNAMODB_ENDPOINT: inject('dynamodb').endpoint,
        ...homeTables(`earshot-dev-${process.pid}`),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    const url = await vi.waitFor(
      () => {
        const match = /"address":"(http:[^"]+)"/.exec(output);
        if (match?.[1] === undefined) throw new Error(`It does not start.\n${output}`);
        return match[1];
      },
      { timeout: 60_000, interval: 50 },
    );
    expect((await call(url, '/ready')).body).toMatchObject({ status: 'ready' });
    const s3 = /S3 at (http:\S+);/.exec(output)?.[1] ?? '';
    expect((await fetch(s3)).status).toBeLessThan(500);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    await expect(fetch(s3)).rejects.toThrow();
    await data.remove();
  });
});
