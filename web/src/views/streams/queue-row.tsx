import { useSortable } from '@dnd-kit/sortable';
import { CSS } from '@dnd-kit/utilities';
import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import { IconButton } from '../../controls/button.tsx';
import { Cover } from '../../controls/cover.tsx';
import { Icon } from '../../controls/icon.tsx';
import { formatDuration } from '../../text/measures.ts';
import { text } from '../../text/text.ts';
import { usePart, type PartDetails } from './part-details.ts';
import styles from './queue-list.module.css';
import type { EntryActions } from './use-entry-actions.ts';

const words = text.streams.queue;

interface QueueRowProps {
  readonly id: string;
  readonly filename: string;
  readonly index: number;
  readonly count: number;
  /** Pixels below the beginning of the list. */
  readonly top: number;
  readonly known: PartDetails | undefined;
  /** Absent where the order is not that of the queue. */
  readonly startS: number | undefined;
  readonly isPlaying: boolean;
  readonly actions: EntryActions;
}

export const QueueRow = memo(function QueueRow(props: QueueRowProps) {
  const { id, filename, index, count, top, known, startS, isPlaying, actions } = props;
  const { details, state } = usePart(filename, known);
  const { title } = details;
  const sortable = useSortable({ id, attributes: { roleDescription: words.dragRole } });
  const { attributes, listeners, setNodeRef, setActivatorNodeRef, transform, transition, isDragging } =
    sortable;
  const marks = [isDragging && styles['dragged'], isPlaying && styles['playing']].filter(Boolean).join(' ');

  return (
    <li
      ref={setNodeRef}
      className={`${styles['row'] ?? ''} ${marks}`}
      style={{ top, transform: CSS.Translate.toString(transform), transition }}
      aria-setsize={count}
      aria-posinset={index + 1}
      aria-current={isPlaying || undefined}
      data-index={index}
    >
      <button
        {...attributes}
        {...listeners}
        ref={setActivatorNodeRef}
        type="button"
        className={styles['handle']}
        aria-label={words.drag(title)}
        data-control="drag"
      >
        <Icon name="drag" />
      </button>
      <button
        type="button"
        className={styles['cover']}
        aria-label={words.playFrom(title)}
        disabled={state !== 'ready'}
        onClick={() => actions.play(index)}
      >
        <span className={styles['picture']}>
          <Cover url={details.cover_url} title={title} />
        </span>
        <Icon name="play" size={20} />
      </button>
      <div className={styles['about']}>
        <Link
          to="/library/$filename"
          params={{ filename }}
          className={styles['title'] ?? ''}
          title={title}
          draggable={false}
        >
          {title}
        </Link>
        <p className={styles['facts']}>
          <span>{index + 1}</span>
          {isPlaying && <strong>{words.playing}</strong>}
          {state === 'ready' && <span>{formatDuration(details.durationS)}</span>}
          {state === 'ready' && startS !== undefined && <span>{words.startsAt(formatDuration(startS))}</span>}
          {(state === 'processing' || state === 'failed' || state === 'missing') && (
            <span className={styles['fault']}>{words[state]}</span>
          )}
        </p>
      </div>
      <div className={styles['wide']}>
        <IconButton
          label={words.up(title)}
          disabled={index === 0}
          data-control="up"
          onClick={() => actions.move(index, index - 1, 'up')}
        >
          <Icon name="up" />
        </IconButton>
        <IconButton
          label={words.down(title)}
          disabled={index === count - 1}
          data-control="down"
          onClick={() => actions.move(index, index + 1, 'down')}
        >
          <Icon name="down" />
        </IconButton>
        <IconButton
          label={words.remove(title)}
          data-control="remove"
          onClick={() => actions.remove(index, 'remove')}
        >
          <Icon name="delete" />
        </IconButton>
      </div>
      <IconButton label={words.more(title)} data-control="more" onClick={() => actions.open(id)}>
        <Icon name="more" />
      </IconButton>
    </li>
  );
});
