import type { Virtualizer } from '@tanstack/react-virtual';
import { useEffect, type ReactNode } from 'react';
import styles from './virtual-rows.module.css';

/** So many rows before the last of them more are asked for, so that nobody waits at the end. */
const BEFORE_END = 30;

interface VirtualRowsProps<Item, Scroller extends Element | Window> {
  readonly label: string;
  readonly items: readonly Item[];
  /** Of as many rows as there are items. */
  readonly virtualizer: Virtualizer<Scroller, Element>;
  /** The last of them is nearly in sight. */
  readonly onEnd?: (() => void) | undefined;
  readonly children: (item: Item) => ReactNode;
}

/** Only the rows in sight are in the document, and a few beyond, which the Tab key goes on to. */
export function VirtualRows<Item, Scroller extends Element | Window>({
  label,
  items,
  virtualizer,
  onEnd,
  children,
}: VirtualRowsProps<Item, Scroller>) {
  const rows = virtualizer.getVirtualItems();
  const isNearEnd = (rows.at(-1)?.index ?? 0) >= items.length - BEFORE_END;
  useEffect(() => {
    if (isNearEnd) onEnd?.();
  }, [isNearEnd, onEnd, items.length]);
  return (
    <ol className={styles['rows']} style={{ height: virtualizer.getTotalSize() }} aria-label={label}>
      {rows.map(({ index, key, start }) => {
        const item = items[index];
        if (item === undefined) return null;
        return (
          <li
            key={key}
            ref={virtualizer.measureElement}
            data-index={index}
            style={{ transform: `translateY(${String(start - virtualizer.options.scrollMargin)}px)` }}
            aria-setsize={items.length}
            aria-posinset={index + 1}
          >
            {children(item)}
          </li>
        );
      })}
    </ol>
  );
}
