/** BCP 47, as far as engines know it: `en`, `de-CH`. */
export const LANGUAGE_TAG = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/;
export const LANGUAGE_TAG_RULE = 'A language is named as in BCP 47: en, de-CH.';

/** `en-us-nyc` → `en-US`: by BCP 47, without what it has no place for at the end; `und` where nothing is left. */
export function canonicalLanguage(name: string): string {
  const subtags = name.trim().split('-');
  for (let length = subtags.length; length > 0; length -= 1) {
    try {
      const [language] = Intl.getCanonicalLocales(subtags.slice(0, length).join('-'));
      if (language !== undefined) return language;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return 'und';
}
