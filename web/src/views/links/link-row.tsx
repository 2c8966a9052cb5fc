import { useId, useState } from 'react';
import type { PlaybackLink } from '../../api/types.ts';
import { Button } from '../../controls/button.tsx';
import { Trouble } from '../../controls/notice.tsx';
import { toasts } from '../../controls/toast-store.ts';
import { formatDateTime } from '../../text/measures.ts';
import { text } from '../../text/text.ts';
import { linkFacts } from './link-facts.ts';
import styles from './links.module.css';
import { revokeLink, type Played } from './playback-links.ts';

const words = text.links;

interface LinkRowProps {
  readonly played: Played;
  readonly link: PlaybackLink;
  /** Absent where its address is not shown from here, or nobody knows its token any more. */
  readonly onShow: (() => void) | undefined;
  readonly onRevoked: () => void;
}

/** Revoking cannot be taken back, as nobody can make the same token again: it is asked first. */
export function LinkRow({ played, link, onShow, onRevoked }: LinkRowProps) {
  const [step, setStep] = useState<'new' | 'asked' | 'kept'>('new');
  const [problem, setProblem] = useState<unknown>(null);
  const hintId = useId();

  async function revoke(): Promise<void> {
    setProblem(null);
    try {
      await revokeLink(played, link.id);
      toasts.show(words.revoked);
      onRevoked();
    } catch (failure) {
      setProblem(failure);
    }
  }

  return (
    <li className={styles['link']}>
      <span>{linkFacts(link)}</span>
      {/* Other buttons, not the same ones with other words: the focus goes where it is told to. */}
      <span key={step} className={styles['buttons']}>
        {step === 'asked' ? (
          <>
            <Button kind="danger" autoFocus aria-describedby={hintId} onClick={() => void revoke()}>
              {words.revokeNow}
            </Button>
            <Button onClick={() => setStep('kept')}>{words.keep}</Button>
          </>
        ) : (
          <>
            {onShow !== undefined && <Button onClick={onShow}>{words.show}</Button>}
            <Button
              kind="danger"
              autoFocus={step === 'kept'}
              aria-label={words.revokeOf(formatDateTime(link.created_at))}
              onClick={() => setStep('asked')}
            >
              {words.revoke}
            </Button>
          </>
        )}
      </span>
      {step === 'asked' && (
        <p id={hintId} className={styles['about']}>
          {words.revokeHint}
        </p>
      )}
      {problem !== null && <Trouble error={problem} />}
    </li>
  );
}
