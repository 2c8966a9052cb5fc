import { describe, expect, it } from 'vitest';
import { oldAudio } from '../old-items.ts';
import { playablePart } from '../sample-records.ts';
import { openCountedAudioFiles } from '../servers/counted-audio-files.ts';
import { dynamoDbKind } from '../servers/dynamodb-client.ts';

describe.skipIf(dynamoDbKind === 'dynalite')('audio files of older deployments', () => {
  const counted = openCountedAudioFiles();

  it('reads every item of older deployments', async () => {
    const { store, table } = { store: counted.store(), table: counted.table() };
    await table.put(
      oldAudio('old.mp3', { transcript: 'Once upon a time', transcribed_at: '2024-05-07T07:08:09+00:00' }),
    );
    await table.put(
      oldAudio('old error.mp3', { transcript_status: 'error', transcript_error: 'No.', duration: null }),
    );
    for (const status of ['pending', 'processing', 'failed', 'cancelled', 'disabled']) {
      await table.put(oldAudio(`old ${status}.mp3`, { transcript_status: status, transcript: null }));
      expect(await store.find('default', `old ${status}.mp3`)).toMatchObject({
        transcriptStatus: status,
        hasTranscript: false,
      });
    }
    expect(await store.find('default', 'old.mp3')).toEqual({
      tenantId: 'default',
      filename: 'old.mp3',
      revision: 0,
      originalFilename: 'old.mp3',
      title: '',
      description: '',
      tags: [],
      state: 'ready',
      durationMs: 61_000,
      originalSizeBytes: 12_345,
      originalSha256: '',
      createdBy: '',
      transcriptStatus: 'completed',
      hasTranscript: true,
      transcriptText: 'Once upon a time',
      transcribedAtMs: Date.UTC(2024, 4, 7, 7, 8, 9),
      createdAtMs: Date.UTC(2024, 4, 6, 7, 8, 9, 123),
      updatedAtMs: Date.UTC(2024, 4, 7, 7, 8, 9),
    });
    const [failed] = await store.findMany('default', ['old error.mp3']);
    expect(failed).toMatchObject({
      transcriptStatus: 'failed',
      transcriptError: 'No.',
      durationMs: 0,
    });
  });

  it('upgrades old items when they are saved: they are listed and found, and lose nothing', async () => {
    const { store, table } = { store: counted.store(), table: counted.table() };
    await table.put(oldAudio('grandmother.mp3', { transcript: 'Once', transcript_error: null }));
    const file = await store.find('default', 'grandmother.mp3');
    if (file === null) throw new Error('It is not there.');
    const outcomes = await Promise.allSettled(
      ['One', 'Two'].map((title) => store.save({ ...file, title, part: playablePart() }, 0)),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await store.search('default', 'grandmother', 10)).toHaveLength(1);
    expect(await store.search('default', 'grandmother once', 10)).toHaveLength(1);
    const { items } = await store.list('default', { sort: 'created', state: 'ready', limit: 1000 });
    // Made long before all others.
    expect(items.at(-1)?.filename).toBe('grandmother.mp3');
    expect(await store.isObjectReferenced('playable/abc.mp3')).toBe(true);
    expect(await table.get({ PK: 'AUDIO#grandmother.mp3', SK: 'METADATA' })).toMatchObject({
      transcript: 'Once',
      has_transcript: true,
      duration: 61,
      duration_ms: 61_000,
      created_at: '2024-05-06T07:08:09.123+00:00',
    });
    await table.put(oldAudio('unsaved.mp3'));
    expect(await store.delete('default', 'unsaved.mp3')).toMatchObject({ filename: 'unsaved.mp3' });
    expect(await store.find('default', 'unsaved.mp3')).toBeNull();
  });
});
