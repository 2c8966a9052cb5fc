type Listener = () => void;

const FIRST_LOOK_MS = 1_000;
const LONGEST_LOOK_MS = 10_000;

/**
 * Whether the server answers. Whoever asks it something tells here how that went; while nothing comes back it is looked
 * for, so that a page that lies open catches up by itself once the server is there again.
 */
class Reach {
  #isThere = true;
  #pauseMs = FIRST_LOOK_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<Listener>();

  constructor() {
    // The device has a network again: no need to wait for the next look.
    window.addEventListener('online', () => {
      if (!this.#isThere) void this.#look();
    });
  }

  readonly subscribe = (listener: Listener): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly isThere = (): boolean => this.#isThere;

  lost(): void {
    if (!this.#isThere) return;
    this.#become(false);
    this.#pauseMs = FIRST_LOOK_MS;
    this.#lookLater();
  }

  /** Resolves once the server answers. */
  back(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.subscribe(() => {
        if (!this.#isThere) return;
        stop();
        resolve();
      });
      if (this.#isThere) {
        stop();
        resolve();
      }
    });
  }

  found(): void {
    if (this.#isThere) return;
    clearTimeout(this.#timer);
    this.#become(true);
  }

  #lookLater(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), this.#pauseMs);
    this.#pauseMs = Math.min(LONGEST_LOOK_MS, this.#pauseMs * 2);
  }

  async #look(): Promise<void> {
    const isThere = await fetch('/health', { cache: 'no-store' }).then(
      ({ ok }) => ok,
      // That it cannot be asked is the answer.
      () => false,
    );
    if (this.#isThere) return;
    if (isThere) this.found();
    else this.#lookLater();
  }

  #become(isThere: boolean): void {
    this.#isThere = isThere;
    for (const listener of this.#listeners) listener();
  }
}

export const reach = new Reach();
