import { describe, expect, it } from 'vitest';
import { isAppError } from '../domain/app-error.ts';
import { RecordedObjects } from './fixtures/recorded-objects.ts';
import { planWhole, storePart } from './fixtures/synthetic-parts.ts';
import type { PlanPart } from './plan-part.ts';
import { listTracks } from './plan-tracks.ts';

const objects = new RecordedObjects();
const a = storePart(objects, 'a', 100);
const b = storePart(objects, 'b', 50, { leadBytes: 208 });
const mixed = storePart(objects, 'mixed', 40, { isMixed: true });
const FRAME_MS = (1152 * 1000) / 44_100;

const tagOf = (parts: readonly PlanPart[]) => {
  const [first] = planWhole(parts, [...parts.keys()]).segments;
  if (first?.kind !== 'bytes') throw new Error('The Info frame comes first.');
  return { name: Buffer.from(first.bytes.subarray(36, 40)).toString(), toc: first.bytes.subarray(52, 152) };
};

describe('planStream', () => {
  it('puts an Info frame before the audio of the parts, in order', () => {
    const plan = planWhole([a, b], [1, 0, 1]);
    const info = 417;
    expect(plan.segments.slice(1)).toEqual([
      {
        kind: 'part',
        partIndex: 1,
        key: b.key,
        sizeBytes: 208 + b.audioBytes,
        sourceStart: 208,
        start: info,
        endExclusive: info + b.audioBytes,
      },
      {
        kind: 'part',
        partIndex: 0,
        key: a.key,
        sizeBytes: 417 + a.audioBytes,
        sourceStart: 417,
        start: info + b.audioBytes,
        endExclusive: info + b.audioBytes + a.audioBytes,
      },
      expect.objectContaining({ partIndex: 1, endExclusive: plan.totalBytes }),
    ]);
    expect(plan.totalBytes).toBe(info + 2 * b.audioBytes + a.audioBytes);
    expect(plan.durationMs).toBeCloseTo(200 * FRAME_MS, 6);
    const tracks = [...listTracks(plan)];
    expect(tracks.map((track) => track.partIndex)).toEqual([1, 0, 1]);
    expect(tracks[1]).toEqual({
      partIndex: 0,
      fromMs: 0,
      startMs: expect.closeTo(50 * FRAME_MS, 6) as number,
      durationMs: expect.closeTo(100 * FRAME_MS, 6) as number,
      startByte: info + b.audioBytes,
      lengthBytes: a.audioBytes,
    });
  });

  it('says Info when all of it has one bit rate, else Xing', () => {
    expect(tagOf([a, b]).name).toBe('Info');
    expect(tagOf([a, mixed]).name).toBe('Xing');
    expect(tagOf([a, { ...b, bitrateKbps: 96 }]).name).toBe('Xing');
  });

  it('tells where the hundredths lie, part by part', () => {
    const dense = { ...b, frameCount: 100, audioBytes: 3 * a.audioBytes, constantBitrate: false };
    const { toc } = tagOf([a, dense]);
    // Half of the time is a quarter of the bytes.
    expect(toc[50]).toBe(64);
    expect(toc[25]).toBe(32);
    expect(toc[75]).toBe(160);
    expect([...toc]).toEqual([...toc].sort((x, y) => x - y));
  });

  it('has an ETag of 22 characters that keeps its value for ever', () => {
    expect(planWhole([a, b], [0, 1]).etag).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(planWhole([a, b], [0, 1]).etag).toBe('_RYGyj6kkjH4EhpAx2Zmgg');
  });

  it('has another ETag exactly when the bytes are others', () => {
    const { etag } = planWhole([a, b], [0, 1]);
    expect(planWhole([a, b], [0, 1]).etag).toBe(etag);
    expect(planWhole([b, a], [1, 0]).etag).toBe(etag);
    expect(planWhole([a, b, mixed], [0, 1]).etag).toBe(etag);
    expect(planWhole([{ ...a, key: 'moved' }, b], [0, 1]).etag).toBe(etag);
    const others = [
      planWhole([a, b], [1, 0]),
      planWhole([a, b], [0, 1, 1]),
      planWhole([a], [0]),
      planWhole([{ ...a, sha256: 'other' }, b], [0, 1]),
      planWhole([{ ...a, audioStartByte: 418, audioBytes: a.audioBytes - 1 }, b], [0, 1]),
    ].map((plan) => plan.etag);
    expect(new Set([etag, ...others]).size).toBe(1 + others.length);
  });

  it('leaves bytes and positions out of the Info frame above 4 GiB', () => {
    const huge = { ...a, audioBytes: 3_000_000_000, frameCount: 7_178_000 };
    const plan = planWhole([huge], [0, 0]);
    expect(plan.totalBytes).toBe(6_000_000_417);
    const [first] = plan.segments;
    expect(first?.kind === 'bytes' && first.bytes[43]).toBe(1 | 8);
  });

  it('plans the longest queue without reading anything', () => {
    const plan = planWhole(
      [a, b],
      Array.from({ length: 5000 }, (_, i) => i % 2),
    );
    expect([...listTracks(plan)]).toHaveLength(5000);
    expect(objects.reads).toHaveLength(0);
  });

  it('refuses an empty queue, and parts of different sample rates', () => {
    const conflict = (error: unknown) => isAppError(error, 'conflict');
    expect(() => planWhole([a], [])).toThrow(expect.toSatisfy(conflict));
    expect(() => planWhole([], [])).toThrow(expect.toSatisfy(conflict));
    expect(() => planWhole([a, { ...b, sampleRateHz: 48_000 }], [0, 1])).toThrow(expect.toSatisfy(conflict));
    expect(() => planWhole([a], [1])).toThrow(RangeError);
  });
});
