import { useState, type SubmitEvent } from 'react';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { messageOf, Problem } from '../../api/problem.ts';
import { queryClient } from '../../api/query-client.ts';
import { Button } from '../../controls/button.tsx';
import { Dialog } from '../../controls/dialog.tsx';
import { TextArea, TextField } from '../../controls/field.tsx';
import { toasts } from '../../controls/toast-store.ts';
import { text } from '../../text/text.ts';
import { changesOf, differencesOf } from './file-changes.ts';
import { fileQuery, type KnownFile } from './file-queries.ts';
import styles from './file-view.module.css';

const words = text.library.edit;

interface FileEditDialogProps {
  readonly known: KnownFile;
  readonly onClose: () => void;
}

/** Title, description and tags: those changed are sent. What somebody else wrote meanwhile is told before it is written over. */
export function FileEditDialog({ known, onClose }: FileEditDialogProps) {
  const [opened] = useState(known);
  const [base, setBase] = useState(known);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const { filename } = known.file;

  async function save(event: SubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const body = changesOf(new FormData(event.currentTarget), opened.file);
    if (Object.keys(body).length === 0) return onClose();
    setBusy(true);
    setProblem(undefined);
    try {
      await api.PATCH('/api/audio/{filename}/info', {
        params: { path: { filename }, header: { 'if-match': base.etag } },
        body,
      });
      await queryClient.invalidateQueries({ queryKey: keys.files });
      toasts.show(words.saved);
      onClose();
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'precondition_failed') {
        setProblem(messageOf(error));
        return;
      }
      const newer = await queryClient.fetchQuery({ ...fileQuery(filename), staleTime: 0 });
      setBase(newer);
      setProblem(words.changed(differencesOf(base.file, newer.file)));
    } finally {
      setBusy(false);
    }
  }

  const { title, description, tags } = opened.file;
  return (
    <Dialog title={words.title} onClose={onClose}>
      <form
        className={styles['form']}
        onSubmit={(event) => {
          save(event).catch((error: unknown) => setProblem(messageOf(error)));
        }}
      >
        <TextField label={words.name} name="title" defaultValue={title} maxLength={200} data-first-focus />
        <TextArea
          label={words.description}
          name="description"
          defaultValue={description}
          maxLength={5000}
          rows={4}
        />
        <TextField label={words.tags} name="tags" hint={words.tagsHint} defaultValue={tags.join(', ')} />
        {problem !== undefined && (
          <p role="alert" className={styles['problem']}>
            {problem}
          </p>
        )}
        <div className={styles['foot']}>
          <Button onClick={onClose}>{text.shell.cancel}</Button>
          <Button kind="primary" type="submit" disabled={isBusy}>
            {text.shell.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
