import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeS3Client, makeTestBucket, startS3, type S3Server } from '../../../test/servers/s3-server.ts';
import type { OldAudio, OldAudioFile } from '../../domain/old-audio.ts';
import { openOldAudioBucket } from './old-audio-bucket.ts';
import { openS3ObjectStore } from './s3-object-store.ts';

describe('the root of a bucket', () => {
  let server: S3Server;
  let client: ReturnType<typeof makeS3Client>;
  let bucket: string;
  let old: OldAudio;
  beforeAll(async () => {
    server = await startS3();
    client = makeS3Client(server.endpoint);
    bucket = await makeTestBucket(client);
    old = openOldAudioBucket({ client, bucket, objects: null });
  });
  afterAll(async () => {
    client.destroy();
    await server.stop();
  });

  const put = (Key: string, Body: string) => client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
  async function found(name: string): Promise<OldAudioFile> {
    const file = await old.find(name);
    if (file === null) throw new Error(`${name} is not there.`);
    return file;
  }

  it('is listed whole, without what is below', async () => {
    const names = Array.from({ length: 1100 }, (_, at) => `part ${String(at).padStart(4, '0')}.mp3`);
    for (let at = 0; at < names.length; at += 50) {
      await Promise.all(names.slice(at, at + 50).map((name) => put(name, name)));
    }
    await put('playable/abc.mp3', 'x');
    const listed: string[] = [];
    for await (const { name, sizeBytes, version } of old.list()) {
      expect([sizeBytes, version !== '']).toEqual([13, true]);
      listed.push(name);
    }
    expect(listed).toEqual(names);
    expect(await old.find('nobody.mp3')).toBeNull();
  });

  it.each(['Größe & Länge + 100%.mp3', 'plain.mp3', "it's (a) =?#.mp3"])(
    'copies %s as it was',
    async (name) => {
      await put(name, `of ${name}`);
      await old.copyTo(await found(name), 'uploads/abc');
      const objects = openS3ObjectStore({ client, bucket, tempDir: '' });
      const chunks = await Array.fromAsync(objects.read('uploads/abc'));
      expect(Buffer.concat(chunks).toString()).toBe(`of ${name}`);
    },
  );

  it('neither copies nor deletes another version than the one that was found', async () => {
    await put('changing.mp3', 'first');
    const first = await found('changing.mp3');
    await put('changing.mp3', 'second');
    await expect(old.copyTo(first, 'uploads/def')).rejects.toMatchObject({ code: 'conflict' });
    await expect(old.delete(first)).rejects.toMatchObject({ code: 'conflict' });
    await old.delete(await found('changing.mp3'));
    await old.delete(first);
    await expect(old.copyTo(first, 'uploads/def')).rejects.toMatchObject({ code: 'not_found' });
  });
});
