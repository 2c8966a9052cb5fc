import { useRef, useState, type DragEvent, type SubmitEvent } from 'react';
import { Problem } from '../../../api/problem.ts';
import { Button } from '../../../controls/button.tsx';
import { TextField } from '../../../controls/field.tsx';
import { Trouble } from '../../../controls/notice.tsx';
import { text } from '../../../text/text.ts';
import { ACCEPTED } from '../../../uploads/accepted-files.ts';
import { LanguageField } from '../../library/language-field.tsx';
import { Reason } from '../reason.tsx';
import { faultsOf, recordingOf, type Faults, type Recording } from './recording.ts';
import styles from './writing.module.css';

const words = text.work.writing;

interface RecordingFormProps {
  /** What was chosen stays, for another try. */
  readonly isHidden: boolean;
  /** What became of the last try. */
  readonly problem: unknown;
  readonly onSubmit: (recording: Recording) => void;
  readonly onClose: () => void;
}

export function RecordingForm({ isHidden, problem, onSubmit, onClose }: RecordingFormProps) {
  const [faults, setFaults] = useState<Faults>({});
  const file = useRef<HTMLInputElement>(null);

  function submit(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const recording = recordingOf(new FormData(event.currentTarget));
    if (recording === null) return;
    const found = faultsOf(recording);
    setFaults(found);
    if (Object.keys(found).length === 0) onSubmit(recording);
  }

  /** Not for the page behind it, which would take the file into the library. */
  function drop(event: DragEvent): void {
    keepFiles(event);
    const { files } = event.dataTransfer;
    if (file.current !== null && files.length > 0) file.current.files = files;
  }

  return (
    <form
      className={styles['panel']}
      hidden={isHidden}
      onSubmit={submit}
      onDragEnter={keepFiles}
      onDragOver={keepFiles}
      onDragLeave={keepFiles}
      onDrop={drop}
    >
      {problem !== undefined && (
        <div role="alert">
          {problem instanceof Problem && problem.code !== 'offline' ? (
            <Reason code={problem.code} message={problem.message} />
          ) : (
            <Trouble error={problem} />
          )}
        </div>
      )}
      <TextField
        ref={file}
        label={words.file}
        name="file"
        type="file"
        accept={ACCEPTED}
        error={faults.file}
        required
        data-first-focus
      />
      <LanguageField name="language" />
      <div className={styles['times']}>
        <TextField
          label={words.from}
          name="from"
          hint={words.fromHint}
          error={faults.from}
          autoComplete="off"
        />
        <TextField label={words.to} name="to" hint={words.toHint} error={faults.to} autoComplete="off" />
      </div>
      <div className={styles['foot']}>
        <Button onClick={onClose}>{text.shell.cancel}</Button>
        <Button kind="primary" type="submit">
          {words.submit}
        </Button>
      </div>
    </form>
  );
}

function keepFiles(event: DragEvent): void {
  if (!event.dataTransfer.types.includes('Files')) return;
  event.preventDefault();
  event.stopPropagation();
}
