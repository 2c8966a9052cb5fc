import type { Session } from '../../api/types.ts';
import { text } from '../../text/text.ts';

export const SECTIONS = ['account', 'keys', 'users', 'speech', 'server'] as const;
export type Section = (typeof SECTIONS)[number];

export const labelOf = (section: Section): string => text.settings[section];

/** Which of them somebody has a use for. */
export function sectionsFor({ user, kind }: Session): readonly Section[] {
  const hidden = new Set<Section>();
  // With AUTH=off there are no accounts to speak of.
  if (kind === 'local') hidden.add('keys').add('users');
  if (!user.is_admin) hidden.add('users');
  return SECTIONS.filter((section) => !hidden.has(section));
}
