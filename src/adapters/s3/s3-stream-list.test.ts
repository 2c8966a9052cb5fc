import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeS3Client, makeTestBucket, startS3, type S3Server } from '../../../test/servers/s3-server.ts';
import { listDefinitions } from './s3-stream-list.ts';

let server: S3Server;
let client: S3Client;

beforeAll(async () => {
  server = await startS3();
  client = makeS3Client(server.endpoint);
});

afterAll(async () => {
  client.destroy();
  await server.stop();
});

it('gives every name once and in order, from any place, although few may wait', async () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '-', '0', '_'), minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(name, { maxLength: 40 }),
      fc.option(name, { nil: undefined }),
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: 1, max: 7 }),
      async (names, afterName, maxWaiting, pageKeys) => {
        const bucket = await makeTestBucket(client);
        await Promise.all(
          names.map((each) =>
            client.send(new PutObjectCommand({ Bucket: bucket, Key: `s/${each}.json`, Body: '{}' })),
          ),
        );
        const listed: string[] = [];
        const options = { afterName, maxWaiting, pageKeys };
        for await (const { name } of listDefinitions({ client, bucket, prefix: 's/' }, 'default', options))
          listed.push(name);
        const expected = names.filter((each) => afterName === undefined || each > afterName);
        expect(listed).toEqual(expected.toSorted((a, b) => (a < b ? -1 : 1)));
      },
    ),
    { numRuns: 40 },
  );
}, 60_000);
