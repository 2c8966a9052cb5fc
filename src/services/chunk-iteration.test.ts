import { describe, expect, it } from 'vitest';
import { mapChunks, translateErrors } from './chunk-iteration.ts';

function source(failAt = Infinity) {
  const seen = { taken: 0, closed: false };
  async function* numbers(): AsyncGenerator<number> {
    try {
      for (let number = 0; number < 5; number += 1) {
        if (number === failAt) throw new Error('It broke.');
        seen.taken += 1;
        yield number;
      }
    } finally {
      seen.closed = true;
    }
  }
  return { seen, numbers: numbers() };
}

const gather = async <Chunk>(chunks: AsyncIterable<Chunk>) => {
  const all: Chunk[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
};

const other = () => {
  throw new Error('Another error.');
};

describe('chunks', () => {
  it('are made into others, one by one, until the end', async () => {
    expect(await gather(mapChunks(source().numbers, (number) => number * 2))).toEqual([0, 2, 4, 6, 8]);
  });

  it('come as they are up to an error, which becomes another', async () => {
    expect(await gather(translateErrors(source().numbers, other))).toEqual([0, 1, 2, 3, 4]);
    const { numbers } = source(3);
    const seen: number[] = [];
    const reading = (async () => {
      for await (const number of translateErrors(numbers, other)) seen.push(number);
    })();
    await expect(reading).rejects.toThrow('Another error.');
    expect(seen).toEqual([0, 1, 2]);
  });

  it('are taken one at a time, and close their source when they are left', async () => {
    const { seen, numbers } = source();
    for await (const number of translateErrors(mapChunks(numbers, String), other)) {
      if (number === '1') break;
    }
    expect(seen).toEqual({ taken: 2, closed: true });
  });

  it('end with the error of making them', async () => {
    await expect(gather(mapChunks(source().numbers, other))).rejects.toThrow('Another error.');
  });
});
