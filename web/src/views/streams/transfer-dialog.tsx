import { useMutation } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Button } from '../../controls/button.tsx';
import { Dialog } from '../../controls/dialog.tsx';
import { SelectField } from '../../controls/field.tsx';
import { Icon } from '../../controls/icon.tsx';
import { Trouble } from '../../controls/notice.tsx';
import { text } from '../../text/text.ts';
import { ImportResults } from './import-results.tsx';
import { importStreams, type OnConflict } from './import-streams.ts';
import styles from './transfer.module.css';

const words = text.streams.transfer;

/** All streams as one file, and streams of such a file: to another server, or back from a file that was kept. */
export function TransferDialog({ onClose }: { readonly onClose: () => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [onConflict, setOnConflict] = useState<OnConflict>('skip');
  const { mutate, data, error, isPending } = useMutation({
    mutationFn: (file: File) => importStreams(file, onConflict),
  });
  return (
    <Dialog title={words.title} onClose={onClose}>
      <p className={styles['about']}>{words.exportHint}</p>
      <a href="/api/streams/export" download className={styles['download']}>
        <Icon name="download" />
        {words.export}
      </a>
      <section className={styles['import']}>
        <p className={styles['about']}>{words.importHint}</p>
        <SelectField
          label={words.onConflict}
          value={onConflict}
          onChange={({ target }) => setOnConflict(target.value === 'replace' ? 'replace' : 'skip')}
        >
          <option value="skip">{words.skip}</option>
          <option value="replace">{words.replace}</option>
        </SelectField>
        <Button disabled={isPending} onClick={() => input.current?.click()}>
          <Icon name="upload" />
          {isPending ? words.importing : words.import}
        </Button>
        <input
          ref={input}
          type="file"
          accept="application/json,.json"
          hidden
          onChange={({ target }) => {
            const [file] = target.files ?? [];
            if (file !== undefined) mutate(file);
            // So that the same file can be chosen again.
            target.value = '';
          }}
        />
        {error !== null && <Trouble error={error} />}
        <p role="status">{data !== undefined && words.done(data)}</p>
        {data !== undefined && <ImportResults results={data.results} />}
      </section>
    </Dialog>
  );
}
