/** Dialogs that are open, the topmost last: whatever lies under it cannot be pressed. */
class OpenDialogs {
  #ids: readonly string[] = [];
  readonly #listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  /** Null while none is open. */
  readonly getTopmost = (): string | null => this.#ids.at(-1) ?? null;

  /** @returns what says that it is closed */
  open(id: string): () => void {
    this.#set([...this.#ids, id]);
    return () => this.#set(this.#ids.filter((one) => one !== id));
  }

  #set(ids: readonly string[]): void {
    this.#ids = ids;
    for (const listener of this.#listeners) listener();
  }
}

export const openDialogs = new OpenDialogs();
