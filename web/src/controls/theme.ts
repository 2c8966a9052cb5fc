/** Light, dark, or as the system has it; kept on this device. */
export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** As in `public/theme.js`. */
const KEY = 'earshot-theme';

export function currentTheme(): Theme {
  const kept = localStorage.getItem(KEY);
  return THEMES.find((theme) => theme === kept) ?? 'system';
}

/** `theme.js` applies it, as it does before the page is there; of its own doing a tab is not told. */
export function setTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme);
  window.dispatchEvent(new StorageEvent('storage', { key: KEY }));
}
