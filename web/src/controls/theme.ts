/** Light, dark, or as the system has it; kept on this device. */
export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'earshot-theme';

export function currentTheme(): Theme {
  const kept = localStorage.getItem(KEY);
  return THEMES.find((theme) => theme === kept) ?? 'system';
}

export function setTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme);
  applyTheme();
}

/** Before anything is shown, so that a dark room stays dark. The tokens look at `data-theme`. */
export function applyTheme(): void {
  const theme = currentTheme();
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  // What the browser draws around the page. Each of the two names the scheme that it is for.
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    const scheme = (meta.dataset['scheme'] ??= meta.media.includes('dark') ? 'dark' : 'light');
    meta.media =
      theme === 'system' ? `(prefers-color-scheme: ${scheme})` : theme === scheme ? 'all' : 'not all';
  }
}

/** Another tab of this device may choose another. */
export function followTheme(): void {
  window.addEventListener('storage', ({ key }) => {
    if (key === KEY) applyTheme();
  });
}
