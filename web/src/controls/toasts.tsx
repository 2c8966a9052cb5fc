import { useSyncExternalStore } from 'react';
import { text } from '../text/text.ts';
import { Button, IconButton } from './button.tsx';
import { Icon } from './icon.tsx';
import { toasts } from './toast-store.ts';
import styles from './toasts.module.css';

/** What just happened, said once, with a way back where there is one. */
export function Toasts() {
  const shown = useSyncExternalStore(toasts.subscribe, toasts.getShown);
  return (
    <div role="status" aria-label={text.shell.notifications}>
      <ol className={styles['toasts']}>
        {shown.map(({ id, message, kind, undo }) => (
          <li
            key={id}
            className={`${styles['toast'] ?? ''} ${kind === 'problem' ? (styles['problem'] ?? '') : ''}`}
          >
            <span className={styles['message']}>{message}</span>
            {undo !== undefined && (
              <Button kind="quiet" onClick={() => toasts.undo(id)}>
                {text.shell.undo}
              </Button>
            )}
            <IconButton label={text.shell.close} onClick={() => toasts.dismiss(id)}>
              <Icon name="close" size={18} />
            </IconButton>
          </li>
        ))}
      </ol>
    </div>
  );
}
