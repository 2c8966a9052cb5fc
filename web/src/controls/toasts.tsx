import { useSyncExternalStore } from 'react';
import { text } from '../text/text.ts';
import { Button, IconButton } from './button.tsx';
import { Icon } from './icon.tsx';
import { openDialogs } from './open-dialogs.ts';
import { toasts } from './toast-store.ts';
import styles from './toasts.module.css';
import { useFocusBack } from './use-focus-back.ts';

interface ToastsProps {
  /** The dialog that they are shown in, while it is the topmost: anywhere else they could not be pressed. */
  readonly dialog?: string | null;
}

/** What just happened, said once, with a way back where there is one. */
export function Toasts({ dialog = null }: ToastsProps) {
  const topmost = useSyncExternalStore(openDialogs.subscribe, openDialogs.getTopmost);
  const all = useSyncExternalStore(toasts.subscribe, toasts.getShown);
  const shown = topmost === dialog ? all : [];
  const focusBack = useFocusBack(shown);
  return (
    <div role="status" aria-label={text.shell.notifications} {...focusBack}>
      <ol className={`${styles['toasts'] ?? ''} ${dialog === null ? '' : (styles['above'] ?? '')}`}>
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
