import { Button } from '../../controls/button.tsx';
import { Dialog } from '../../controls/dialog.tsx';
import { toasts } from '../../controls/toast-store.ts';
import { text } from '../../text/text.ts';
import { deletions } from './deletions.ts';
import styles from './file-view.module.css';
import { useDeletions } from './use-deletions.ts';

const words = text.library.deletion;

/** Over whatever is being done when a deletion meets streams that use the file. */
export function DeletionDialog() {
  const [question] = useDeletions().questions;
  if (question === undefined) return null;
  const answer = (isMeant: boolean): void => {
    deletions.answer(question, isMeant).catch((error: unknown) => toasts.problem(error));
  };
  return (
    <Dialog key={question.file.filename} title={words.title} onClose={() => answer(false)}>
      <p>{words.used(question.file.title, question.streams.length)}</p>
      <ul className={styles['used']}>
        {question.streams.map((name) => (
          <li key={name}>{name}</li>
        ))}
      </ul>
      <div className={styles['foot']}>
        <Button data-first-focus onClick={() => answer(false)}>
          {words.keep}
        </Button>
        <Button kind="danger" onClick={() => answer(true)}>
          {words.force}
        </Button>
      </div>
    </Dialog>
  );
}
