import type { PortableAudioFile, PortableRecord, PortableValues } from '../src/domain/portable-record.ts';
import { audioFile, newUser, playablePart, START_MS } from './sample-records.ts';

/** Of each kind one at least, as full as it can be; all of them live until 2099. */
export const LATER_MS = Date.UTC(2099, 0, 1);

export const portableUser = (id: string, username: string, change: Partial<PortableValues['user']> = {}) => ({
  kind: 'user' as const,
  value: { ...newUser(username), id, revision: 3, ...change },
});

export const portableFile = (filename: string, arrival: number, change: Partial<PortableAudioFile> = {}) => {
  const chapters = change.chapters ?? [];
  return {
    kind: 'audio_file' as const,
    value: {
      ...audioFile(filename),
      revision: 4,
      chapters,
      transcriptWords: [],
      arrival,
      ...(chapters.length > 0 && { chapterCount: chapters.length }),
      ...change,
    },
  };
};

export function portableSamples(): PortableRecord[] {
  return [
    { kind: 'setting', value: { key: 'signing_secret', value: 's'.repeat(43) } },
    portableUser('1767323045678', 'Anna', { isAdmin: true, email: 'anna@example.org', revision: 12 }),
    portableUser('1767323045679', 'ben', {
      carried: { yoto_access_token: 'secret', yoto_token_expires_at: 12.5, more: [1, { deep: null }] },
    }),
    portableUser('1767323045680', 'eva', { tenantId: 'other', isActive: false }),
    {
      kind: 'session',
      value: {
        id: 'session-1',
        tokenHash: 'hash-of-token-1',
        userId: '1767323045678',
        createdAtMs: START_MS,
        expiresAtMs: LATER_MS,
      },
    },
    {
      kind: 'api_key',
      value: {
        id: 'key-1',
        userId: '1767323045679',
        name: 'radio',
        keyHash: 'hash-of-key-1',
        scopes: ['play', 'read'],
        createdAtMs: START_MS,
        expiresAtMs: LATER_MS,
      },
    },
    {
      kind: 'api_key',
      value: {
        id: 'key-2',
        userId: '1767323045679',
        name: 'for ever',
        keyHash: 'hash-of-key-2',
        scopes: ['admin'],
        createdAtMs: START_MS + 1,
      },
    },
    portableFile('pippi.mp3', 7, {
      title: 'Pippi goes aboard',
      description: 'Långstrump,\nread aloud',
      tags: ['story', 'sea'],
      artist: 'A. L.',
      album: 'Pippi',
      part: playablePart({ key: 'playable/aa.mp3', sha256: 'aa' }),
      durationMs: 261_224.489_795_918_4,
      format: { codec: 'flac', sampleRateHz: 44_100, channels: 2, bitrateKbps: 723.4 },
      loudnessLufs: -18.25,
      originalKey: 'originals/bb.flac',
      coverKey: 'covers/cc.jpg',
      waveformKey: 'waveforms/aa',
      originalSha256: 'bb',
      requestId: 'request-1',
      transcriptStatus: 'completed',
      hasTranscript: true,
      transcriptKey: 'transcripts/ff.json',
      transcriptExcerpt: 'Villa Villekulla',
      transcriptLanguage: 'sv',
      transcriptError: 'Nobody listened.',
      transcriptRequestId: 'request-2',
      transcribedAtMs: START_MS + 7,
      transcriptWords: ['villekulla', 'villa', '𞤀𞤣𞤤'],
      chapters: [
        { title: 'One', startMs: 0 },
        { title: '', startMs: 1200 },
      ],
    }),
    portableFile('old.mp3', 3, {
      title: 'Pippi at sea',
      originalSha256: '',
      transcriptStatus: 'completed',
      hasTranscript: true,
      createdAtMs: START_MS - 1,
      transcriptText: 'Once upon a time',
      transcribedAtMs: Date.UTC(2024, 0, 1),
      transcriptWords: ['once', 'upon', 'a', 'time'],
      carried: { yoto_card: 'card-1' },
    }),
    portableFile('broken.mp3', 9, { state: 'failed', error: 'There is no audio in it.', durationMs: 0 }),
    portableFile('pippi.mp3', 8, { tenantId: 'other', title: 'Of others' }),
    {
      kind: 'playback_link',
      value: {
        id: 'link-1',
        tenantId: 'default',
        kind: 'file',
        name: 'pippi.mp3',
        createdBy: '1767323045678',
        createdAtMs: START_MS,
      },
    },
    {
      kind: 'playback_link',
      value: {
        id: 'link-2',
        tenantId: 'other',
        kind: 'stream',
        name: 'evening',
        createdBy: '1767323045680',
        createdAtMs: START_MS,
        expiresAtMs: LATER_MS,
      },
    },
    {
      kind: 'position',
      value: {
        tenantId: 'default',
        userId: '1767323045678',
        kind: 'file',
        name: 'pippi.mp3',
        positionMs: 1234.5,
        updatedAtMs: START_MS,
      },
    },
    {
      kind: 'position',
      value: {
        tenantId: 'other',
        userId: '1767323045680',
        kind: 'stream',
        name: 'evening',
        positionMs: 0,
        updatedAtMs: START_MS,
      },
    },
    { kind: 'retired_object', value: { key: 'playable/dd.mp3', sweepAtMs: START_MS + 5 } },
  ];
}
