import { useLayoutEffect, useMemo, useRef, type RefObject } from 'react';
import type { Queue } from '../../api/types.ts';
import { text } from '../../text/text.ts';
import type { PartDetails } from './part-details.ts';
import { playFrom } from './play-from.ts';
import { titleOf } from './queue-entries.ts';
import type { StreamEditing } from './stream-editing.ts';

const words = text.streams.edits;

export type EntryControl = 'drag' | 'up' | 'down' | 'remove' | 'more';

export interface EntryActions {
  /** @param focus the control of the moved entry that has the focus afterwards, as it had before */
  readonly move: (from: number, to: number, focus?: EntryControl) => void;
  readonly remove: (index: number, focus?: EntryControl) => void;
  readonly play: (index: number) => void;
  readonly open: (id: string) => void;
}

interface Setting {
  readonly queue: Queue;
  readonly editing: StreamEditing;
  readonly details: ReadonlyMap<string, PartDetails>;
  readonly list: RefObject<HTMLElement | null>;
  readonly open: (id: string) => void;
  readonly virtualizer: { scrollToIndex: (index: number) => void };
}

/** What can be done to an entry; the same functions for as long as the editor is open, so that rows stay as they are. */
export function useEntryActions(setting: Setting): EntryActions {
  const now = useRef(setting);
  const focus = useRef<{ index: number; control: EntryControl } | null>(null);
  useLayoutEffect(() => {
    now.current = setting;
    if (focus.current === null) return;
    const { index, control } = focus.current;
    const row = setting.list.current?.querySelector(`[data-index="${String(index)}"]`);
    if (!row) return;
    focus.current = null;
    focusIn(row, control);
  });

  return useMemo(() => {
    const keepFocus = (index: number, control: EntryControl): void => {
      focus.current = { index, control };
      const { list, virtualizer } = now.current;
      if (!list.current?.querySelector(`[data-index="${String(index)}"]`)) virtualizer.scrollToIndex(index);
    };
    return {
      move: (from, to, control) => {
        const { queue, editing, details } = now.current;
        const filename = queue.files[from];
        if (filename === undefined || to < 0 || to >= queue.files.length) return;
        if (control !== undefined) keepFocus(to, control);
        const said = words.moved(titleOf(filename, details), to + 1);
        editing.make({ kind: 'move', filename, from, to }, said);
      },
      remove: (index, control) => {
        const { queue, editing, details } = now.current;
        const filename = queue.files[index];
        if (filename === undefined) return;
        const left = queue.files.length - 1;
        if (control !== undefined && left > 0) keepFocus(Math.min(index, left - 1), control);
        const said = words.removed(titleOf(filename, details));
        editing.make({ kind: 'remove', filenames: [filename], index }, said);
      },
      play: (index) => void playFrom(now.current.queue, now.current.editing, index),
      open: (id) => now.current.open(id),
    };
  }, []);
}

/** The same control, or where that cannot be pressed or seen at this place, the next that can. */
function focusIn(row: Element, control: EntryControl): void {
  for (const name of [control, 'down', 'up', 'more']) {
    const found = row.querySelector<HTMLElement>(`[data-control="${name}"]`);
    if (!found || found.matches(':disabled') || found.offsetParent === null) continue;
    found.focus();
    return;
  }
}
