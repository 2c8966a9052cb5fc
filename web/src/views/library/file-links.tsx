import { useState } from 'react';
import { CopyField } from '../../controls/copy-field.tsx';
import { toasts } from '../../controls/toast-store.ts';
import { text } from '../../text/text.ts';
import { LinkList } from '../links/link-list.tsx';
import { NewLink } from '../links/new-link.tsx';
import { makeLink, type MadeLink, type Played } from '../links/playback-links.ts';
import styles from './file-view.module.css';

const words = text.library.links;

/** Addresses that play this file without a login: made, shown once, and taken back. */
export function FileLinks({ filename }: { readonly filename: string }) {
  const played: Played = { kind: 'file', name: filename };
  const [made, setMade] = useState<MadeLink | null>(null);

  async function make(expiresAt: string | undefined): Promise<void> {
    try {
      setMade(await makeLink(played, expiresAt));
    } catch (problem) {
      toasts.problem(problem);
    }
  }

  return (
    <section className={styles['section']}>
      <h2>{words.title}</h2>
      <p className={styles['soft']}>{words.hint}</p>
      {made !== null && <CopyField label={words.made} value={made.url} />}
      <NewLink label={words.make} onMake={make} />
      <LinkList
        played={played}
        // What opens nothing any more is not there to be copied.
        onRevoked={(id) => setMade((link) => (link?.id === id ? null : link))}
      />
    </section>
  );
}
