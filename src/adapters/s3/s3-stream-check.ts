import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import { AppError } from '../../domain/app-error.ts';
import { addressOf, type BucketFolder } from './bucket-folder.ts';
import { translated } from './s3-error.ts';
import { deleteDefinition, putDefinition } from './s3-stream-object.ts';

/**
 * For the start, before a service that is not AWS's own: whether it keeps the conditions that stream definitions rely
 * on. Writes a probe, and takes it away again. Six requests.
 *
 * @throws storage_unavailable, also when it writes over what it was told not to
 * @returns whether deletions keep them too: where not, a change made in the very moment of a deletion goes with it
 */
export async function checkConditionalWrites(folder: BucketFolder): Promise<{ readonly deletes: boolean }> {
  const key = `probe-${randomBytes(8).toString('hex')}`;
  const write = (text: string, etag: string | null) =>
    putDefinition(folder, key, { bytes: new TextEncoder().encode(text), writtenAtMs: 0, writes: [] }, etag);
  return translated(async () => {
    try {
      const first = await write('1', null);
      if (first.kind !== 'written') throw unfit(folder);
      const second = await write('2', first.etag);
      const refused = [await write('3', null), await write('4', first.etag)];
      if (second.kind !== 'written' || refused.some(({ kind }) => kind === 'written')) throw unfit(folder);
      return { deletes: (await deleteDefinition(folder, key, first.etag)).kind === 'changed' };
    } finally {
      await folder.client.send(new DeleteObjectCommand(addressOf(folder, key)));
    }
  });
}

const unfit = ({ bucket }: BucketFolder): AppError =>
  new AppError(
    'storage_unavailable',
    `The service of the S3 bucket "${bucket}" does not keep If-Match and If-None-Match of a PUT, without which edits ` +
      'of streams would be lost. Keep them elsewhere: STREAM_STORAGE=file, sqlite or dynamodb.',
  );
