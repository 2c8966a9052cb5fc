const MAX_TOLD = 20;

/** What went wrong, of which there may be very much: all are counted, the first are told. */
export class ProblemList {
  readonly #told: string[] = [];
  #count = 0;

  add(problem: string): void {
    this.#count += 1;
    if (this.#told.length < MAX_TOLD) this.#told.push(problem);
  }

  get count(): number {
    return this.#count;
  }

  /** A line each. */
  get lines(): readonly string[] {
    const left = this.#count - this.#told.length;
    return left === 0 ? this.#told : [...this.#told, `… and ${left} more`];
  }
}
