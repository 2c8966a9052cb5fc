import type { Announcements } from '@dnd-kit/core';
import { text } from '../../text/text.ts';
import type { PartDetails } from './part-details.ts';
import { titleOf } from './queue-entries.ts';

const words = text.streams.drag;

/** What is said to who drags without seeing it. */
export function announcementsOf(
  ids: readonly string[],
  files: readonly string[],
  details: ReadonlyMap<string, PartDetails>,
): Announcements {
  const title = (id: unknown): string => titleOf(files[ids.indexOf(String(id))] ?? '', details);
  const place = (id: unknown): number => ids.indexOf(String(id)) + 1;
  // Where it lies already is not told again: it would be said over how it was picked up.
  let toldOver: unknown = null;
  return {
    onDragStart: ({ active }) => {
      toldOver = active.id;
      return words.picked(title(active.id), place(active.id), ids.length);
    },
    onDragOver: ({ active, over }) => {
      if (over === null || over.id === toldOver) return undefined;
      toldOver = over.id;
      return words.over(title(active.id), place(over.id), ids.length);
    },
    onDragEnd: ({ active, over }) =>
      over === null ? words.left(title(active.id)) : words.put(title(active.id), place(over.id), ids.length),
    onDragCancel: ({ active }) => words.left(title(active.id)),
  };
}
