import { randomBytes } from 'node:crypto';
import { checkBucket } from '../../adapters/s3/bucket-check.ts';
import { openS3Client } from '../../adapters/s3/s3-client.ts';
import { translated } from '../../adapters/s3/s3-error.ts';
import { definitionKey } from '../../adapters/s3/s3-stream-key.ts';
import { listDefinitions } from '../../adapters/s3/s3-stream-list.ts';
import { getDefinition, putDefinition } from '../../adapters/s3/s3-stream-object.ts';
import { AppError } from '../../domain/app-error.ts';
import type { DefinitionFolder, FolderAddress, FolderEntry, FolderOptions } from './definition-folder.ts';

type BucketAddress = Extract<FolderAddress, { kind: 'bucket' }>;

/** As `STREAM_STORAGE=s3` has them below `streams/`, so that it can be one. */
export async function openDefinitionBucket(
  { bucket: { bucket, ...service }, prefix }: BucketAddress,
  { tenantId }: Pick<FolderOptions, 'tenantId'>,
): Promise<DefinitionFolder> {
  const client = openS3Client(service);
  const folder = { client, bucket, prefix };
  try {
    await checkBucket(client, bucket);
  } catch (error) {
    client.destroy();
    throw error;
  }

  const read = (name: string) =>
    translated(async (): Promise<FolderEntry | null> => {
      const object = await getDefinition(folder, definitionKey(tenantId, name));
      if (object === 'absent' || object === 'unchanged') return null;
      if (object.bytes === null) throw new AppError('conflict', 'It is larger than 300 KB.');
      return { bytes: object.bytes, etag: object.etag };
    });

  return {
    placeOf: (name) => `s3://${bucket}/${prefix}${definitionKey(tenantId, name)}`,

    async *listNames(onOddName) {
      const names = listDefinitions(folder, tenantId, { onOddName: (stem) => onOddName(`${stem}.json`) });
      for (;;) {
        const next = await translated(() => names.next());
        if (next.done === true) return;
        yield next.value.name;
      }
    },

    read,

    write: (name, bytes, over) =>
      translated(async () => {
        const writes = [randomBytes(9).toString('base64url')];
        const write = { bytes, writtenAtMs: Date.now(), writes };
        const key = definitionKey(tenantId, name);
        const outcome = await putDefinition(folder, key, write, over?.etag ?? null);
        if (outcome.kind === 'written') return;
        const there = outcome.wasRepeated ? await read(name) : null;
        // The answer to our own was lost, and it was sent again.
        if (there !== null && Buffer.compare(there.bytes, bytes) === 0) return;
        throw new AppError('precondition_failed', 'It was changed in the meantime.');
      }),

    close: () => client.destroy(),
  };
}
