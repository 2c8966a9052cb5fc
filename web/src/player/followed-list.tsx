import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Button } from '../controls/button.tsx';
import { text } from '../text/text.ts';
import styles from './followed-list.module.css';

interface FollowedListProps<Item> {
  readonly label: string;
  readonly items: readonly Item[];
  /** The one that is heard; -1 for none. It is kept in sight, until somebody looks elsewhere. */
  readonly current: number;
  readonly onChoose: (index: number) => void;
  readonly children: (item: Item, index: number) => ReactNode;
}

const ROW_PX = 56;

/** Thousands of lines, each of which plays from there. */
export function FollowedList<Item>({ label, items, current, onChoose, children }: FollowedListProps<Item>) {
  const scroller = useRef<HTMLDivElement>(null);
  const [follows, setFollows] = useState(true);
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 6,
  });
  useEffect(() => {
    if (follows && current >= 0) rows.scrollToIndex(current, { align: 'center' });
  }, [rows, follows, current]);
  const lookElsewhere = (): void => setFollows(false);
  return (
    <div className={styles['frame']}>
      <div
        ref={scroller}
        className={styles['scroller']}
        onWheel={lookElsewhere}
        onTouchMove={lookElsewhere}
        onKeyDown={(event) => {
          if (event.key === 'Tab' || event.key.startsWith('Page')) lookElsewhere();
        }}
      >
        <ol aria-label={label} className={styles['list']} style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ key, index, start }) => {
            const item = items[index];
            if (item === undefined) return null;
            return (
              <li
                key={key}
                ref={rows.measureElement}
                data-index={index}
                className={styles['row']}
                style={{ transform: `translateY(${String(start)}px)` }}
                aria-setsize={items.length}
                aria-posinset={index + 1}
              >
                <button
                  type="button"
                  className={styles['line']}
                  aria-current={index === current}
                  onClick={() => {
                    setFollows(true);
                    onChoose(index);
                  }}
                >
                  {children(item, index)}
                </button>
              </li>
            );
          })}
        </ol>
      </div>
      {!follows && current >= 0 && (
        <div className={styles['back']}>
          <Button onClick={() => setFollows(true)}>{text.player.follow}</Button>
        </div>
      )}
    </div>
  );
}
