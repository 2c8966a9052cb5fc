import { useState } from 'react';
import type { PlaybackLink } from '../../api/types.ts';
import { Button } from '../../controls/button.tsx';
import { Trouble } from '../../controls/notice.tsx';
import { formatDateTime } from '../../text/measures.ts';
import { text } from '../../text/text.ts';
import { linkFacts } from '../links/link-facts.ts';
import styles from './share.module.css';
import { revokeLink } from './stream-links.ts';

const words = text.streams.share;

interface LinkRowProps {
  readonly name: string;
  readonly link: PlaybackLink;
  /** Absent where nobody knows its token any more. */
  readonly onShow: (() => void) | undefined;
}

/** Revoking cannot be taken back, as nobody can make the same token again: it is asked first. */
export function LinkRow({ name, link, onShow }: LinkRowProps) {
  const [isAsked, setAsked] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  return (
    <li className={styles['link']}>
      <span>{linkFacts(link)}</span>
      <span className={styles['buttons']}>
        {onShow !== undefined && !isAsked && <Button onClick={onShow}>{words.show}</Button>}
        {!isAsked && (
          <Button
            kind="danger"
            aria-label={text.links.revokeOf(formatDateTime(link.created_at))}
            onClick={() => setAsked(true)}
          >
            {words.revoke}
          </Button>
        )}
        {isAsked && (
          <>
            <Button kind="danger" autoFocus onClick={() => void revokeLink(name, link.id).catch(setProblem)}>
              {words.revokeNow}
            </Button>
            <Button onClick={() => setAsked(false)}>{words.keep}</Button>
          </>
        )}
      </span>
      {isAsked && <p className={styles['about']}>{words.revokeHint}</p>}
      {problem !== null && <Trouble error={problem} />}
    </li>
  );
}
