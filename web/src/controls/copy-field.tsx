import { useRef, useState } from 'react';
import { text } from '../text/text.ts';
import { Button } from './button.tsx';
import styles from './copy-field.module.css';
import { FieldLine, TextField } from './field.tsx';
import { Icon } from './icon.tsx';

const words = text.shell.copy;

/** Something to be taken elsewhere. Without https there is no clipboard: it is marked then, to be copied by hand. */
export function CopyField({ label, value }: { readonly label: string; readonly value: string }) {
  const frame = useRef<HTMLDivElement>(null);
  const [copied, setCopied] = useState<{ readonly value: string; readonly said: string } | null>(null);

  async function copy(): Promise<void> {
    frame.current?.querySelector('input')?.select();
    setCopied({ value, said: (await isCopied(value)) ? words.done : words.byHand });
  }

  return (
    <div ref={frame} className={styles['frame']}>
      <FieldLine>
        <TextField label={label} value={value} readOnly onFocus={({ target }) => target.select()} />
        <Button onClick={() => void copy()}>
          <Icon name="copy" />
          {words.copy}
        </Button>
      </FieldLine>
      <p className={styles['said']} role="status">
        {copied?.value === value && copied.said}
      </p>
    </div>
  );
}

async function isCopied(value: string): Promise<boolean> {
  if (!window.isSecureContext) return false;
  try {
    await navigator.clipboard.writeText(value);
    return true;
  } catch {
    // Refused by the person or the browser: the field is marked all the same.
    return false;
  }
}
