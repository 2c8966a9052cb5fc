import { useState } from 'react';
import { Button } from '../../controls/button.tsx';
import { FieldLine } from '../../controls/field.tsx';
import { Icon } from '../../controls/icon.tsx';
import { ProgressBar } from '../../controls/progress-bar.tsx';
import { text } from '../../text/text.ts';
import { CancelDialog } from '../work/cancel-dialog.tsx';
import { LanguageField } from './language-field.tsx';

const words = text.library.transcript;

interface NewTranscriptProps {
  readonly label: string;
  /** One is being made: there is no other until it has ended. */
  readonly isRunning: boolean;
  /** @param language BCP 47; '' lets the engine find out */
  readonly onStart: (language: string) => void;
}

/** Has a transcript made. */
export function NewTranscript({ label, isRunning, onStart }: NewTranscriptProps) {
  const [language, setLanguage] = useState('');
  return (
    <FieldLine>
      <LanguageField value={language} onChange={({ target }) => setLanguage(target.value)} />
      <Button disabled={isRunning} onClick={() => onStart(language)}>
        <Icon name="text" />
        {label}
      </Button>
    </FieldLine>
  );
}

interface RunningTranscriptProps {
  readonly filename: string;
  /** Undefined while nobody can tell. */
  readonly percentage: number | undefined;
  /** null where it is not known: it cannot be cancelled from here. */
  readonly requestId: string | null;
}

/** A transcript under way, which can be cancelled. */
export function RunningTranscript({ filename, percentage, requestId }: RunningTranscriptProps) {
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <p role="status">{words.running}</p>
      <ProgressBar label={words.running} percentage={percentage} />
      {requestId !== null && (
        <div>
          <Button onClick={() => setAsking(true)}>{words.cancel}</Button>
        </div>
      )}
      {requestId !== null && isAsking && (
        <CancelDialog
          id={requestId}
          title={text.work.named(words.title, filename)}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
