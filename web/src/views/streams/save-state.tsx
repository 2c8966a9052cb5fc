import { Button } from '../../controls/button.tsx';
import { messageOf } from '../../api/problem.ts';
import { text } from '../../text/text.ts';
import type { EditingState, StreamEditing } from './stream-editing.ts';
import styles from './stream-view.module.css';

const words = text.streams.editor;

/** Why changes are not saved; nothing as long as they are. */
export function SaveState({
  state,
  editing,
}: {
  readonly state: EditingState;
  readonly editing: StreamEditing;
}) {
  const { trouble, pending } = state;
  if (trouble === null || pending.length === 0) return null;
  const waitsForLogin = trouble.status === 401;
  return (
    <section className={styles['unsaved']} role="alert">
      <p>{waitsForLogin ? words.waitsForLogin : `${messageOf(trouble)} ${words.notSaved}`}</p>
      {!waitsForLogin && <Button onClick={() => editing.retry()}>{words.again}</Button>}
    </section>
  );
}
