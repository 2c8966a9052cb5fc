import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { sessionQuery } from '../../api/session.ts';
import type { Session } from '../../api/types.ts';
import { Icon } from '../../controls/icon.tsx';
import { useTitle } from '../../controls/use-title.ts';
import { text } from '../../text/text.ts';
import { AccountSection } from './account-section.tsx';
import { KeysSection } from './keys-section.tsx';
import { labelOf, sectionsFor, type Section } from './sections.ts';
import { ServerSection } from './server-section.tsx';
import styles from './settings.module.css';
import { SpeechSection } from './speech-section.tsx';
import { UsersSection } from './users-section.tsx';

const words = text.settings;

/** On a phone a list of sections, then one of them; on a larger screen both beside each other. */
export function SettingsView() {
  const { section: asked } = useParams({ strict: false });
  const { data: session } = useQuery(sessionQuery);
  const sections = session === undefined || session === null ? [] : sectionsFor(session);
  const section = sections.find((one) => one === asked);
  useTitle(section === undefined ? words.title : words.titleOf(labelOf(section)));
  if (session === undefined || session === null) return null;
  return (
    <div className={styles['view']} data-open={section !== undefined}>
      <div className={styles['menu']}>
        <h1>{words.title}</h1>
        <nav aria-label={words.sections}>
          <ul>
            {sections.map((one) => (
              <li key={one}>
                <Link
                  to="/settings/$section"
                  params={{ section: one }}
                  className={styles['entry'] ?? ''}
                  aria-current={one === (section ?? 'account') ? 'page' : undefined}
                >
                  {labelOf(one)}
                  <Icon name="next" size={16} />
                </Link>
              </li>
            ))}
          </ul>
        </nav>
      </div>
      <div className={styles['section']}>
        <Link to="/settings" className={styles['back'] ?? ''}>
          <Icon name="previous" size={16} /> {words.back}
        </Link>
        <h2 className={styles['title']}>{labelOf(section ?? 'account')}</h2>
        <SectionBody section={section ?? 'account'} session={session} />
      </div>
    </div>
  );
}

function SectionBody({ section, session }: { readonly section: Section; readonly session: Session }) {
  switch (section) {
    case 'account':
      return <AccountSection session={session} />;
    case 'keys':
      return <KeysSection session={session} />;
    case 'users':
      return <UsersSection session={session} />;
    case 'speech':
      return <SpeechSection />;
    case 'server':
      return <ServerSection session={session} />;
  }
}
