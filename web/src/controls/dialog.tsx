import { useId, useLayoutEffect, useRef, type ReactNode } from 'react';
import { text } from '../text/text.ts';
import { IconButton } from './button.tsx';
import styles from './dialog.module.css';
import { Icon } from './icon.tsx';
import { openDialogs } from './open-dialogs.ts';
import { Toasts } from './toasts.tsx';

interface DialogProps {
  readonly title: string;
  /** Without it there is no way out of it but what it asks for. */
  readonly onClose?: () => void;
  readonly children: ReactNode;
}

/**
 * The platform's own dialog, open as long as it is rendered: it keeps the focus, and Escape closes it. The focus begins
 * at what has `data-first-focus`, else at the close button, and goes back to where it was.
 */
export function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => openDialogs.open(id), [id]);
  // Before it leaves the document, or there is nothing left that could give the focus back.
  useLayoutEffect(() => {
    const element = dialog.current;
    show(element);
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={styles['dialog']}
      aria-label={title}
      onCancel={(event) => {
        // A file that somebody does not choose after all is cancelled too.
        if (event.target !== dialog.current) return;
        event.preventDefault();
        // For a moment one below may lie on top: the browser has closed the other, which is shown again.
        if (openDialogs.getTopmost() === id) onClose?.();
      }}
      onClose={() => {
        // At a second Escape browsers close it, whatever they are told at the first: no page may keep somebody in.
        if (dialog.current?.open === false) show(dialog.current);
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose?.();
      }}
    >
      <div className={styles['inside']}>
        <header className={styles['head']}>
          <h2>{title}</h2>
          {onClose !== undefined && (
            <IconButton label={text.shell.close} onClick={onClose}>
              <Icon name="close" />
            </IconButton>
          )}
        </header>
        {children}
      </div>
      <Toasts dialog={id} />
    </dialog>
  );
}

function show(dialog: HTMLDialogElement | null): void {
  dialog?.showModal();
  dialog?.querySelector<HTMLElement>('[data-first-focus]')?.focus();
}
