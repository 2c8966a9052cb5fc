import type { Queue } from '../../api/types.ts';
import { Button, IconButton } from '../../controls/button.tsx';
import { Icon } from '../../controls/icon.tsx';
import { text } from '../../text/text.ts';
import type { EditingState, StreamEditing } from './stream-editing.ts';
import { isEndless, isShuffled } from '../../api/play-mode.ts';
import { modeOf } from './stream-queries.ts';
import styles from './stream-view.module.css';

const words = text.streams;

interface EditBarProps {
  readonly queue: Queue;
  readonly editing: StreamEditing;
  readonly state: EditingState;
  readonly onAdd: () => void;
  readonly showsPlan: boolean;
  readonly onShowPlan: (shows: boolean) => void;
}

export function EditBar({
  queue: { play_mode: mode },
  editing,
  state,
  onAdd,
  showsPlan,
  onShowPlan,
}: EditBarProps) {
  const [shuffled, endless] = [isShuffled(mode), isEndless(mode)];
  const last = state.done.at(-1);
  function play(next: typeof mode): void {
    editing.make({ kind: 'settings', to: { play_mode: next } }, words.edits.mode(next));
  }
  return (
    <div className={styles['bar']}>
      <Button onClick={onAdd}>
        <Icon name="add" />
        {words.editor.add}
      </Button>
      <div className={styles['modes']}>
        <Button aria-pressed={shuffled} onClick={() => play(modeOf(!shuffled, endless))}>
          <Icon name="shuffle" />
          <span className={styles['word']}>{words.editor.shuffle}</span>
        </Button>
        <Button aria-pressed={endless} onClick={() => play(modeOf(shuffled, !endless))}>
          <Icon name="repeat" />
          <span className={styles['word']}>{words.editor.repeat}</span>
        </Button>
      </div>
      <IconButton
        label={last === undefined ? words.editor.nothingToUndo : words.editor.undo(last.said)}
        disabled={last === undefined}
        onClick={() => editing.undoLast()}
      >
        <Icon name="undo" />
      </IconButton>
      <Button kind="quiet" onClick={() => onShowPlan(!showsPlan)}>
        {showsPlan ? words.tabs.queue : words.tabs.plan}
      </Button>
      <span className={styles['saving']}>
        {state.pending.length > 0 && state.trouble === null && words.editor.saving}
      </span>
    </div>
  );
}
