import type { AudioFile } from '../../domain/audio-file.ts';
import type { DynamoTable } from './dynamo-table.ts';

export async function searchAudioFiles(
  _table: DynamoTable,
  _tenantId: string,
  _words: readonly string[],
  _limit: number,
): Promise<AudioFile[]> {
  return [];
}
