import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinBytes } from './fixtures/synthetic-mp3.ts';
import { encodeIcyTitle, IcyInterleaver } from './icy.ts';
import { separateTitles } from '../../test/icy-player.ts';

interface Titled {
  readonly title: string;
  readonly bytes: number;
}

const textOf = (block: Uint8Array): string =>
  new TextDecoder('utf-8', { fatal: true }).decode(block.subarray(1)).replace(/\0+$/, '');

describe('IcyInterleaver', () => {
  const tracks = fc.array(
    fc.record({
      title: fc.string({ unit: 'binary', maxLength: 30 }),
      bytes: fc.integer({ min: 1, max: 500 }),
    }),
    { minLength: 1, maxLength: 12 },
  );
  const chunkings = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 });

  function interleave(played: readonly Titled[], chunkBytes: readonly number[], interval: number) {
    const icy = new IcyInterleaver(interval);
    const out: Uint8Array[] = [];
    const audio: Uint8Array[] = [];
    let turn = 0;
    let number = 0;
    for (const { title, bytes } of played) {
      const track = Uint8Array.from({ length: bytes }, () => (number += 7) & 0xff);
      audio.push(track);
      for (let at = 0; at < bytes;) {
        const length = chunkBytes[turn % chunkBytes.length] ?? 1;
        turn += 1;
        out.push(icy.interleave(track.subarray(at, at + length), title));
        at += length;
      }
    }
    return { stream: Buffer.concat(out), audio: joinBytes(audio) };
  }

  it('gives the audio back to whoever takes the titles out, for any chunks', () => {
    fc.assert(
      fc.property(tracks, chunkings, fc.integer({ min: 1, max: 700 }), (played, chunkBytes, interval) => {
        const { stream, audio } = interleave(played, chunkBytes, interval);
        expect(Buffer.compare(separateTitles(stream, interval).audio, audio)).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same bytes however the audio is cut', () => {
    fc.assert(
      fc.property(tracks, chunkings, chunkings, (played, one, other) => {
        const streams = [one, other].map((chunkBytes) => interleave(played, chunkBytes, 100).stream);
        expect(Buffer.compare(streams[0] ?? Buffer.alloc(0), streams[1] ?? Buffer.alloc(1))).toBe(0);
      }),
    );
  });

  it('tells a title once, when it is due, and nothing while it stays', () => {
    const played = [
      { title: 'One', bytes: 350 },
      { title: 'Two', bytes: 60 },
      { title: 'Three', bytes: 90 },
      { title: 'Three', bytes: 101 },
    ];
    const { stream } = interleave(played, [64], 100);
    expect(separateTitles(stream, 100).titles).toEqual(['One', null, null, 'Two', 'Three', null]);
  });

  it('copies nothing when nothing is due', () => {
    const icy = new IcyInterleaver();
    const audio = new Uint8Array(16_000).fill(1);
    expect(icy.interleave(audio, 'One').buffer).toBe(audio.buffer);
    const next = icy.interleave(audio, 'One');
    expect(next).toEqual(joinBytes([encodeIcyTitle('One'), audio]));
    expect(icy.interleave(new Uint8Array(0), 'One')).toHaveLength(0);
  });
});

describe('encodeIcyTitle', () => {
  it('says how many times 16 bytes follow', () => {
    const block = encodeIcyTitle('Ann - Song');
    expect(block[0]).toBe(2);
    expect(block).toHaveLength(33);
    expect(textOf(block)).toBe("StreamTitle='Ann - Song';");
    expect(encodeIcyTitle('X')).toHaveLength(17);
    expect(encodeIcyTitle('XX')).toHaveLength(33);
    expect(textOf(encodeIcyTitle(''))).toBe("StreamTitle='';");
  });

  it('keeps quotes and semicolons from ending the title, and control characters out', () => {
    expect(textOf(encodeIcyTitle("It's';StreamUrl='x';\r\nEnd"))).toBe(
      "StreamTitle='It’s’,StreamUrl=’x’, End';",
    );
  });

  it('cuts what is too long between two characters', () => {
    for (const character of ['x', 'é', '語', '🎵']) {
      const block = encodeIcyTitle(character.repeat(5000));
      expect(block[0]).toBe(255);
      expect(block).toHaveLength(1 + 255 * 16);
      const title = /^StreamTitle='(.*)';$/u.exec(textOf(block))?.[1] ?? '';
      expect(title).toBe(character.repeat([...title].length));
      expect(Buffer.byteLength(title)).toBeGreaterThan(4065 - 4);
    }
  });
});
