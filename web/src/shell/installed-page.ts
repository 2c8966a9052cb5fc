const WORKER = '/service-worker.js';
const LOOK_MS = 60 * 60_000;

/**
 * The page as it is kept on this device, where the browser does that: over https, or on this very machine. A newer one
 * waits until somebody agrees, since what is open would not find its files any more.
 */
class InstalledPage {
  #waiting: ServiceWorker | null = null;
  readonly #listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly hasNewer = (): boolean => this.#waiting !== null;

  /** Begins once all that is to be seen is there: it loads the whole page. */
  install(): void {
    if (!('serviceWorker' in navigator)) return;
    window.addEventListener('load', () => {
      navigator.serviceWorker.register(WORKER).then(
        (registration) => this.#follow(registration),
        // A person can do nothing about it, and the page works without.
        () => undefined,
      );
    });
  }

  takeOver(): void {
    const waiting = this.#waiting;
    if (waiting === null) return;
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
    waiting.postMessage('take-over');
  }

  #follow(registration: ServiceWorkerRegistration): void {
    const look = (): void => {
      const { waiting } = registration;
      // The first takes over by itself: there is no older page.
      if (waiting === null || navigator.serviceWorker.controller === null) return;
      this.#waiting = waiting;
      for (const listener of this.#listeners) listener();
    };
    const follow = (): void => registration.installing?.addEventListener('statechange', look);
    registration.addEventListener('updatefound', follow);
    // It may have been found before.
    follow();
    look();
    // A page that lies open for days, and comes to the front again, hears of it too.
    let lookedMs = Date.now();
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState !== 'visible' || Date.now() - lookedMs < LOOK_MS) return;
      lookedMs = Date.now();
      // Where the server is away there is nothing newer.
      registration.update().catch(() => undefined);
    });
  }
}

export const installedPage = new InstalledPage();
