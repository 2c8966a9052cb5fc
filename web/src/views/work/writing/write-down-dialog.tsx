import { useEffect, useRef } from 'react';
import { Button } from '../../../controls/button.tsx';
import { Dialog } from '../../../controls/dialog.tsx';
import { ProgressBar } from '../../../controls/progress-bar.tsx';
import { text } from '../../../text/text.ts';
import { HeardText } from './heard-text.tsx';
import { RecordingForm } from './recording-form.tsx';
import { useWritingDown } from './use-writing-down.ts';
import styles from './writing.module.css';

const words = text.work.writing;

/** A recording becomes text, and is not kept. It goes on when the dialog is closed. */
export function WriteDownDialog({ onClose }: { readonly onClose: () => void }) {
  const { writing, write, cancel } = useWritingDown();
  const { step } = writing;
  const isChoosing = step === 'choosing';
  const panel = useRef<HTMLDivElement>(null);
  const shown = isChoosing || step === 'done' ? step : 'running';
  const shownBefore = useRef(shown);
  useEffect(() => {
    // What had the focus is gone: a keyboard goes on at what came in its place.
    if (shownBefore.current !== shown) panel.current?.focus();
    shownBefore.current = shown;
  }, [shown]);
  return (
    <Dialog title={words.title} onClose={onClose}>
      <p>{words.hint}</p>
      <p role="status" className={styles['status']}>
        {!isChoosing && words.steps[step]}
      </p>
      <div ref={panel} tabIndex={-1} className={styles['panel']}>
        <RecordingForm
          isHidden={!isChoosing}
          problem={isChoosing ? writing.problem : undefined}
          onSubmit={(recording) => void write(recording)}
          onClose={onClose}
        />
        {shown === 'running' && (
          <>
            <ProgressBar
              label={words.progress}
              percentage={'percentage' in writing && writing.percentage > 0 ? writing.percentage : undefined}
            />
            <div className={styles['foot']}>
              <Button disabled={step === 'cancelling'} onClick={cancel}>
                {words.cancel}
              </Button>
            </div>
          </>
        )}
        {step === 'done' && (
          <HeardText requestId={writing.requestId} name={writing.name.replace(/\.[^.]+$/, '')} />
        )}
      </div>
    </Dialog>
  );
}
