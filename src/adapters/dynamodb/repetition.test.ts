import { describe, expect, it } from 'vitest';
import { createRepetition } from './repetition.ts';

/** Pauses that take no time and are kept. */
function repetitionWithPauses() {
  const pauses: number[] = [];
  const repetition = createRepetition(
    () => 1,
    async (ms) => {
      pauses.push(ms);
    },
  );
  return { repetition, pauses };
}

const cancelled = (...codes: readonly string[]): Error =>
  Object.assign(new Error('The transaction was cancelled.'), {
    name: 'TransactionCanceledException',
    CancellationReasons: codes.map((Code) => ({ Code })),
  });

const PAUSES = [100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000, 5000, 5000];

describe('what the service leaves unprocessed', () => {
  it('is sent again until nothing is left, with growing pauses', async () => {
    const { repetition, pauses } = repetitionWithPauses();
    const sent: number[][] = [];
    await repetition.untilProcessed([1, 2, 3], async (work) => {
      sent.push(work);
      return work.slice(1);
    });
    expect(sent).toEqual([[1, 2, 3], [2, 3], [3]]);
    expect(pauses).toEqual([100, 200]);
  });

  it('is given up after twelve tries, with no pause after the last', async () => {
    const { repetition, pauses } = repetitionWithPauses();
    let tries = 0;
    const sending = repetition.untilProcessed([1], async (work) => {
      tries += 1;
      return work;
    });
    await expect(sending).rejects.toMatchObject({ code: 'storage_unavailable' });
    expect(tries).toBe(12);
    expect(pauses).toEqual(PAUSES);
  });
});

describe('a transaction that was cancelled', () => {
  it.each([['TransactionConflict'], ['ThrottlingError'], ['ProvisionedThroughputExceeded']])(
    'for %s alone is tried again',
    async (reason) => {
      const { repetition, pauses } = repetitionWithPauses();
      let tries = 0;
      await repetition.untilNoConflict(async () => {
        tries += 1;
        if (tries < 3) throw cancelled('None', reason);
      });
      expect(tries).toBe(3);
      expect(pauses).toEqual([100, 200]);
    },
  );

  it.each([
    ['a condition', cancelled('ThrottlingError', 'ConditionalCheckFailed')],
    ['its size', cancelled('TransactionConflict', 'ItemCollectionSizeLimitExceeded')],
    ['what it says', cancelled('ValidationError', 'None')],
    ['no reason that is told', cancelled('None')],
  ])('for %s is not', async (_, error) => {
    const { repetition, pauses } = repetitionWithPauses();
    const send = async (): Promise<never> => {
      throw error;
    };
    await expect(repetition.untilNoConflict(send)).rejects.toBe(error);
    expect(pauses).toEqual([]);
  });

  it('throws the last refusal when there are too many', async () => {
    const { repetition, pauses } = repetitionWithPauses();
    const error = cancelled('ThrottlingError');
    const send = async (): Promise<never> => {
      throw error;
    };
    await expect(repetition.untilNoConflict(send)).rejects.toBe(error);
    expect(pauses).toEqual(PAUSES);
  });
});
