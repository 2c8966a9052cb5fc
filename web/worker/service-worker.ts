import {
  cleanupOutdatedCaches,
  matchPrecache,
  precacheAndRoute,
  type PrecacheEntry,
} from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';

declare const self: ServiceWorkerGlobalScope & {
  /** What the page is built of; the build writes it in. */
  readonly __PAGE_FILES: PrecacheEntry[];
};

/**
 * Keeps the page itself on the device, so that it opens where the server is away; never what the server answers: no call
 * of the interface, no sound, no cover. Whatever is not one of the files of the page goes to the network as if this were not here.
 */
precacheAndRoute(self.__PAGE_FILES, { cleanURLs: false });
cleanupOutdatedCaches();

/** How long the network may take before the page opens without it. */
const PATIENCE_MS = 4_000;

/**
 * The views of the page, `VIEWS` of `src/http/page.ts`, whatever is asked of them: names of files have a dot. What players
 * and people open beside it is the server's alone.
 */
const VIEWS =
  /^\/(?:login|work|library(?:\/[^/?]+)?|streams(?:\/[^/?]+)?|settings(?:\/[^/?]+)?|listen\/[^/?]+)?(?:\?|$)/;

// The server's own document first: its headers say what the page may speak to, and that may have changed.
registerRoute(
  new NavigationRoute(
    async ({ request }) => {
      try {
        return await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
      } catch (error) {
        const kept = await matchPrecache('/index.html');
        if (kept === undefined) throw error;
        return kept;
      }
    },
    { allowlist: [VIEWS] },
  ),
);

// Only when somebody agreed: a page that is open would find its files gone.
self.addEventListener('message', ({ data }) => {
  if (data === 'take-over') void self.skipWaiting();
});
