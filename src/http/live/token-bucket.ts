export interface BucketRules {
  /** Tokens of a full bucket, and how deep the debt may get. */
  readonly burst: number;
  readonly perSecond: number;
}

/** What came of a spending: `flooded` once what was refused has made a debt as deep as the bucket. */
export type Spending = 'allowed' | 'refused' | 'flooded';

/** A token bucket whose refusals count too: whoever goes on all the same gets ever deeper into debt. */
export class TokenBucket {
  #tokens: number;
  #atMs: number;

  constructor({ burst }: Pick<BucketRules, 'burst'>, nowMs: number) {
    this.#tokens = burst;
    this.#atMs = nowMs;
  }

  spend(cost: number, { burst, perSecond }: BucketRules, nowMs: number): Spending {
    const gained = (Math.max(0, nowMs - this.#atMs) / 1000) * perSecond;
    this.#atMs = nowMs;
    this.#tokens = Math.min(burst, this.#tokens + gained) - cost;
    if (this.#tokens >= 0) return 'allowed';
    return this.#tokens > -burst ? 'refused' : 'flooded';
  }
}
