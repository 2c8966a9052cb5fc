import { text } from '../text/text.ts';
import { Button } from './button.tsx';
import styles from './copy-field.module.css';
import { FieldLine, TextField } from './field.tsx';
import { Icon } from './icon.tsx';
import { useCopy } from './use-copy.ts';

const words = text.shell.copy;

/** Something to be taken elsewhere. Without https there is no clipboard: it is marked then, to be copied by hand. */
export function CopyField({ label, value }: { readonly label: string; readonly value: string }) {
  const { frame, copy, said } = useCopy(value);
  return (
    <div ref={frame} className={styles['frame']}>
      <FieldLine>
        <TextField label={label} value={value} readOnly onFocus={({ target }) => target.select()} />
        <Button onClick={copy}>
          <Icon name="copy" />
          {words.copy}
        </Button>
      </FieldLine>
      <p className={styles['said']} role="status">
        {said}
      </p>
    </div>
  );
}
