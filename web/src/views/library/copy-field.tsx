import { useRef } from 'react';
import { Button } from '../../controls/button.tsx';
import { TextField } from '../../controls/field.tsx';
import { toasts } from '../../controls/toast-store.ts';
import { text } from '../../text/text.ts';
import styles from './file-view.module.css';

const words = text.library.copy;

/** Something to be taken elsewhere. Without https there is no clipboard: it is marked then, to be copied by hand. */
export function CopyField({ label, value }: { readonly label: string; readonly value: string }) {
  const field = useRef<HTMLDivElement>(null);
  async function copy(): Promise<void> {
    field.current?.querySelector('input')?.select();
    try {
      if (!window.isSecureContext) throw new Error(words.byHand);
      await navigator.clipboard.writeText(value);
      toasts.show(words.done);
    } catch {
      toasts.show(words.byHand);
    }
  }
  return (
    <div ref={field} className={styles['copy']}>
      <TextField label={label} value={value} readOnly onFocus={({ target }) => target.select()} />
      <Button onClick={() => void copy()}>{words.copy}</Button>
    </div>
  );
}
