import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import { messageOf } from '../api/problem.ts';
import { Button, IconButton } from '../controls/button.tsx';
import { Icon } from '../controls/icon.tsx';
import { ProgressBar } from '../controls/progress-bar.tsx';
import { text } from '../text/text.ts';
import { PickButton } from './pick-button.tsx';
import { uploads } from './upload-store.ts';
import { isAtRest, type Upload } from './upload.ts';
import styles from './uploads.module.css';

const words = text.library.uploads;

function stateText({ state }: Upload): string {
  if (state.step === 'sending') return words.sending(Math.floor(state.percentage));
  if (state.step !== 'failed') return words.states[state.step];
  return state.problem.code === 'unsupported_media' ? words.noAudio : messageOf(state.problem);
}

/** One file on its way; what can be done about it stands beside what is the matter. */
export const UploadRow = memo(function UploadRow({ upload }: { readonly upload: Upload }) {
  const { id, name, state } = upload;
  const isBad = state.step === 'failed' || state.step === 'lost';
  return (
    <li className={styles['row']}>
      <div className={styles['line']}>
        <span className={styles['name']}>
          {state.step === 'done' || state.step === 'duplicate' ? (
            <Link to="/library/$filename" params={{ filename: state.filename }}>
              {name}
            </Link>
          ) : (
            name
          )}
        </span>
        <IconButton
          label={isAtRest(upload) ? words.dismiss(name) : words.cancel(name)}
          onClick={() => uploads.remove(id)}
        >
          <Icon name="close" size={18} />
        </IconButton>
      </div>
      {(state.step === 'sending' || state.step === 'preparing') && (
        <ProgressBar
          label={name}
          percentage={state.step === 'preparing' && state.percentage === 0 ? undefined : state.percentage}
        />
      )}
      <p className={isBad ? styles['bad'] : styles['state']}>
        {isBad && <Icon name="warning" size={18} />}
        {state.step === 'done' && <Icon name="check" size={18} />}
        <span>{stateText(upload)}</span>
      </p>
      {isBad && <Choices upload={upload} />}
    </li>
  );
});

function Choices({ upload: { id, state } }: { readonly upload: Upload }) {
  if (state.step === 'lost') return <PickButton label={words.chooseAgain} />;
  if (state.step !== 'failed') return null;
  const { code } = state.problem;
  if (code === 'already_exists') {
    return (
      <div className={styles['choices']}>
        <Button onClick={() => uploads.retry(id, 'rename')}>{words.keepBoth}</Button>
        <Button onClick={() => uploads.retry(id, 'replace')}>{words.replace}</Button>
      </div>
    );
  }
  // The same bytes would be refused again.
  if (code === 'unsupported_media' || code === 'too_large' || code === 'invalid_input') return null;
  return (
    <div className={styles['choices']}>
      <Button onClick={() => uploads.retry(id)}>{text.shell.again}</Button>
    </div>
  );
}
