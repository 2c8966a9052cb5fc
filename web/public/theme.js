// Light or dark, as it was chosen on this device: before anything is painted, so that a dark room stays dark. A file of its
// own, since the policy of the page lets no code stand in the document, and modules run after the first paint.
(function () {
  const { document, localStorage } = globalThis;
  const KEY = 'earshot-theme';

  /** The tokens look at `data-theme`. */
  function apply() {
    const kept = localStorage.getItem(KEY);
    const theme = kept === 'light' || kept === 'dark' ? kept : null;
    if (theme === null) delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    // What the browser draws around the page. Each of the two names the scheme that it is for.
    for (const meta of document.querySelectorAll('meta[name="theme-color"]')) {
      const scheme = (meta.dataset.scheme ??= meta.media.includes('dark') ? 'dark' : 'light');
      meta.media =
        theme === null ? `(prefers-color-scheme: ${scheme})` : theme === scheme ? 'all' : 'not all';
    }
  }

  apply();
  // Another tab of this device may choose another.
  globalThis.addEventListener('storage', ({ key }) => {
    if (key === KEY) apply();
  });
})();
