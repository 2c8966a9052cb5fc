/** Values by key, of which those that were not asked for longest give way once their weights are too much. */
export interface BoundedCache<Value> {
  get(key: string): Value | undefined;
  /** One that is heavier than all together may be is not kept. */
  set(key: string, value: Value, weight: number): void;
}

export function createBoundedCache<Value>(maxWeight: number): BoundedCache<Value> {
  /** Least recently used first: a Map keeps the order of insertion. */
  const entries = new Map<string, { readonly value: Value; readonly weight: number }>();
  let weights = 0;

  function drop(key: string): void {
    weights -= entries.get(key)?.weight ?? 0;
    entries.delete(key);
  }

  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },

    set(key, value, weight) {
      drop(key);
      entries.set(key, { value, weight });
      weights += weight;
      for (const oldest of entries.keys()) {
        if (weights <= maxWeight) return;
        drop(oldest);
      }
    },
  };
}
