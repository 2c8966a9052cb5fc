import { describe, expect, it } from 'vitest';
import { parsePortableRecord } from './record-schema.ts';

describe('the record of a stream in a backup', () => {
  const stream = {
    tenantId: 'default',
    name: 'station',
    files: ['a.mp3'],
    playMode: 'loop',
    persistence: 'permanent',
  };
  const played = {
    queueKey: `queues/${'ab'.repeat(32)}.json`,
    queueBytes: 11,
    playMode: 'endless-shuffle',
    startFrame: 0,
    firstEpoch: 0,
    untilFrame: 900,
    untilMs: 23_511,
  };
  const schedule = { startFrame: 900, firstEpoch: 3, before: [played] };

  it('has a schedule or none, as older ones', () => {
    for (const value of [
      stream,
      { ...stream, schedule },
      { ...stream, schedule: { ...schedule, before: [] } },
    ]) {
      expect(parsePortableRecord('stream', value)).toEqual({ kind: 'stream', value });
    }
  });

  it.each([
    { ...schedule, startFrame: -1 },
    { ...schedule, before: [{ ...played, queueKey: 'playable/aa.mp3' }] },
    { ...schedule, before: [{ ...played, queueKey: `queues/../${'a'.repeat(61)}.json` }] },
    { ...schedule, before: Array.from({ length: 9 }, () => played) },
    { ...schedule, more: 1 },
  ])('has no other schedule: %j', (other) => {
    expect(() => parsePortableRecord('stream', { ...stream, schedule: other })).toThrow(
      expect.objectContaining({ code: 'invalid_input' }),
    );
  });
});
