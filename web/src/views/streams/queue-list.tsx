import {
  closestCenter,
  DndContext,
  KeyboardSensor,
  PointerSensor,
  useSensor,
  useSensors,
  type DragEndEvent,
} from '@dnd-kit/core';
import { SortableContext, sortableKeyboardCoordinates, verticalListSortingStrategy } from '@dnd-kit/sortable';
import { defaultRangeExtractor, useWindowVirtualizer, type Range } from '@tanstack/react-virtual';
import { useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { Queue } from '../../api/types.ts';
import { text } from '../../text/text.ts';
import { announcementsOf } from './drag-words.ts';
import { EntryDialog } from './entry-dialog.tsx';
import { useDetails } from './part-details.ts';
import { usePlayingTrack } from './playing.ts';
import { idsOf, startsOf } from './queue-entries.ts';
import styles from './queue-list.module.css';
import { QueueRow } from './queue-row.tsx';
import type { StreamEditing } from './stream-editing.ts';
import { isShuffled } from '../../api/play-mode.ts';
import { useEntryActions } from './use-entry-actions.ts';

const words = text.streams;
/** As the style sheet has it: each row is as high, so that a thousand need not be measured. */
const ROW_REM = 4.25;
const OVERSCAN = 8;

const rowHeight = (): number =>
  ROW_REM * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
const movesSmoothly = (): boolean => !matchMedia('(prefers-reduced-motion: reduce)').matches;

interface QueueListProps {
  readonly queue: Queue;
  readonly editing: StreamEditing;
}

/** The queue, of which only what is seen is drawn. It scrolls with the page. */
export function QueueList({ queue, editing }: QueueListProps) {
  const { name, files, play_mode: mode } = queue;
  const details = useDetails(name);
  const ids = useMemo(() => idsOf(files), [files]);
  const starts = useMemo(() => (isShuffled(mode) ? null : startsOf(files, details)), [files, details, mode]);
  const list = useRef<HTMLOListElement>(null);
  const [active, setActive] = useState<number | null>(null);
  const [opened, setOpened] = useState<string | null>(null);
  const playing = usePlayingTrack(name);

  const scrollMargin = useOffset(list);
  const virtualizer = useWindowVirtualizer({
    count: files.length,
    estimateSize: rowHeight,
    overscan: OVERSCAN,
    scrollMargin,
    getItemKey: useCallback((index: number) => ids[index] ?? index, [ids]),
    // What is being dragged stays, however far the list is scrolled under it.
    rangeExtractor: useCallback(
      (range: Range) => {
        const shown = defaultRangeExtractor(range);
        return active === null || shown.includes(active)
          ? shown
          : [...shown, active].sort((one, other) => one - other);
      },
      [active],
    ),
  });
  const actions = useEntryActions({ queue, editing, details, list, open: setOpened, virtualizer });

  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(KeyboardSensor, {
      coordinateGetter: sortableKeyboardCoordinates,
      scrollBehavior: movesSmoothly() ? 'smooth' : 'auto',
    }),
  );
  const accessibility = useMemo(
    () => ({
      announcements: announcementsOf(ids, files, details),
      screenReaderInstructions: { draggable: words.queue.dragHelp },
    }),
    [ids, files, details],
  );

  function drop({ active: { id }, over }: DragEndEvent): void {
    setActive(null);
    const [from, to] = [ids.indexOf(String(id)), over === null ? -1 : ids.indexOf(String(over.id))];
    if (from !== -1 && to !== -1 && from !== to) actions.move(from, to);
  }

  const openedIndex = opened === null ? -1 : ids.indexOf(opened);
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={closestCenter}
      accessibility={accessibility}
      onDragStart={({ active: { id } }) => setActive(ids.indexOf(String(id)))}
      onDragEnd={drop}
      onDragCancel={() => setActive(null)}
    >
      <SortableContext items={ids} strategy={verticalListSortingStrategy}>
        <ol
          ref={list}
          className={styles['list']}
          aria-label={words.queue.label}
          style={{ height: virtualizer.getTotalSize() }}
        >
          {virtualizer.getVirtualItems().map(({ index, start }) => {
            const filename = files[index] ?? '';
            const id = ids[index] ?? filename;
            return (
              <QueueRow
                key={id}
                id={id}
                filename={filename}
                index={index}
                count={files.length}
                top={start - scrollMargin}
                known={details.get(filename)}
                startS={starts?.[index]}
                isPlaying={playing !== -1 && index === playing % files.length && !isShuffled(mode)}
                actions={actions}
              />
            );
          })}
        </ol>
      </SortableContext>
      {openedIndex !== -1 && (
        <EntryDialog
          filename={files[openedIndex] ?? ''}
          known={details.get(files[openedIndex] ?? '')}
          index={openedIndex}
          count={files.length}
          actions={actions}
          onClose={() => setOpened(null)}
        />
      )}
    </DndContext>
  );
}

/** How far below the top of the page the list begins: what stands above it comes and goes. */
function useOffset(list: React.RefObject<HTMLElement | null>): number {
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => {
    const top = list.current?.getBoundingClientRect().top ?? 0;
    setOffset(Math.round(top + window.scrollY));
  });
  return offset;
}
