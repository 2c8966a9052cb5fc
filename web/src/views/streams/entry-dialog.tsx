import { Link } from '@tanstack/react-router';
import { Button } from '../../controls/button.tsx';
import { Dialog } from '../../controls/dialog.tsx';
import { FieldLine, TextField } from '../../controls/field.tsx';
import { formText } from '../../controls/form-text.ts';
import { Icon } from '../../controls/icon.tsx';
import { text } from '../../text/text.ts';
import styles from './dialogs.module.css';
import { usePart, type PartDetails } from './part-details.ts';
import type { EntryActions } from './use-entry-actions.ts';

const words = text.streams;

interface EntryDialogProps {
  readonly filename: string;
  readonly known: PartDetails | undefined;
  readonly index: number;
  readonly count: number;
  readonly actions: EntryActions;
  readonly onClose: () => void;
}

/** All that can be done with one entry, in the size of a thumb. Moving by one leaves it open, to go on. */
export function EntryDialog({ filename, known, index, count, actions, onClose }: EntryDialogProps) {
  const { details, state } = usePart(filename, known);
  const { title } = details;
  const act = (step: () => void): void => {
    onClose();
    step();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <p className={styles['about']} role="status">
        {words.queue.place(index + 1, count)}
      </p>
      <div className={styles['actions']}>
        <Button disabled={state !== 'ready'} onClick={() => act(() => actions.play(index))}>
          <Icon name="play" />
          {words.entry.playFrom}
        </Button>
        <div className={styles['pair']}>
          <Button aria-disabled={index === 0} onClick={() => actions.move(index, index - 1)}>
            <Icon name="up" />
            {words.entry.up}
          </Button>
          <Button aria-disabled={index === count - 1} onClick={() => actions.move(index, index + 1)}>
            <Icon name="down" />
            {words.entry.down}
          </Button>
        </div>
        <div className={styles['pair']}>
          <Button disabled={index === 0} onClick={() => act(() => actions.move(index, 0, 'more'))}>
            {words.entry.first}
          </Button>
          <Button
            disabled={index === count - 1}
            onClick={() => act(() => actions.move(index, count - 1, 'more'))}
          >
            {words.entry.last}
          </Button>
        </div>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const place = Number(formText(new FormData(event.currentTarget), 'place'));
            act(() => actions.move(index, place - 1, 'more'));
          }}
        >
          <FieldLine>
            <TextField
              label={words.entry.place(count)}
              name="place"
              type="number"
              inputMode="numeric"
              min={1}
              max={count}
              required
            />
            <Button type="submit">{words.entry.move}</Button>
          </FieldLine>
        </form>
        <Link className={styles['link'] ?? ''} to="/library/$filename" params={{ filename }}>
          {words.entry.open}
        </Link>
        <Button kind="danger" onClick={() => act(() => actions.remove(index, 'more'))}>
          <Icon name="delete" />
          {words.entry.remove}
        </Button>
      </div>
    </Dialog>
  );
}
