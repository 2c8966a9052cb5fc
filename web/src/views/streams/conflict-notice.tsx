import { Button } from '../../controls/button.tsx';
import { text } from '../../text/text.ts';
import type { EditingState, StreamEditing } from './stream-editing.ts';
import styles from './stream-view.module.css';

const words = text.streams.conflict;

/** Somebody else was sooner: their version is shown, and what was made here is offered again. */
export function ConflictNotice({
  lost,
  editing,
}: Pick<EditingState, 'lost'> & { readonly editing: StreamEditing }) {
  if (lost.length === 0) return null;
  return (
    <section className={styles['conflict']} role="alert">
      <p>
        <strong>{words.title}</strong> {words.body}
      </p>
      <ul>
        {lost.map(({ said }, index) => (
          <li key={index}>{said}</li>
        ))}
      </ul>
      <div className={styles['buttons']}>
        <Button kind="primary" onClick={() => editing.makeLostAgain()}>
          {words.again}
        </Button>
        <Button onClick={() => editing.leaveLost()}>{words.leave}</Button>
      </div>
    </section>
  );
}
