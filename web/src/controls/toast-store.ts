import { messageOf } from '../api/problem.ts';

export interface Toast {
  readonly id: number;
  readonly message: string;
  readonly kind: 'done' | 'problem';
  /** Takes back what was done, or keeps it from being done. */
  readonly undo?: (() => void | Promise<void>) | undefined;
  /** Runs when the time for an undo is over, also when the page is left before. */
  readonly commit?: (() => void | Promise<void>) | undefined;
}

const SHOWN_MS = 5_000;
/** Long enough to be read, to be found with a keyboard and to be pressed. */
const UNDO_MS = 10_000;
const MAX_SHOWN = 4;

class ToastStore {
  #shown: readonly Toast[] = [];
  #lastId = 0;
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();
  readonly #listeners = new Set<() => void>();

  constructor() {
    window.addEventListener('pagehide', () => {
      for (const { id } of this.#shown) this.dismiss(id);
    });
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly getShown = (): readonly Toast[] => this.#shown;

  /** @returns what `dismiss` and `undo` know it by */
  show(
    message: string,
    { undo, commit, kind = 'done' }: Partial<Omit<Toast, 'id' | 'message'>> = {},
  ): number {
    const id = (this.#lastId += 1);
    const oldest = this.#shown[0];
    if (this.#shown.length === MAX_SHOWN && oldest !== undefined) this.dismiss(oldest.id);
    this.#set([...this.#shown, { id, message, kind, undo, commit }]);
    const shownMs = undo === undefined ? SHOWN_MS : UNDO_MS;
    this.#timers.set(
      id,
      setTimeout(() => this.dismiss(id), shownMs),
    );
    return id;
  }

  problem(error: unknown): void {
    this.show(messageOf(error), { kind: 'problem' });
  }

  undo(id: number): void {
    const toast = this.#take(id);
    if (toast?.undo !== undefined) void this.#run(toast.undo);
  }

  dismiss(id: number): void {
    const toast = this.#take(id);
    if (toast?.commit !== undefined) void this.#run(toast.commit);
  }

  /** Brings all that waits for an undo to its end. */
  async settle(): Promise<void> {
    const commits = this.#shown.map(({ id }) => this.#take(id)?.commit);
    await Promise.all(commits.map(async (commit) => commit !== undefined && this.#run(commit)));
  }

  #take(id: number): Toast | undefined {
    const toast = this.#shown.find((one) => one.id === id);
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.#set(this.#shown.filter((one) => one.id !== id));
    return toast;
  }

  #run(step: () => void | Promise<void>): Promise<void> {
    return Promise.resolve()
      .then(step)
      .catch((error: unknown) => this.problem(error));
  }

  #set(shown: readonly Toast[]): void {
    this.#shown = shown;
    for (const listener of this.#listeners) listener();
  }
}

export const toasts = new ToastStore();
