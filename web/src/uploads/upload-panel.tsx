import { useLayoutEffect, useRef, useState } from 'react';
import { Button, IconButton } from '../controls/button.tsx';
import { Icon } from '../controls/icon.tsx';
import { ProgressBar } from '../controls/progress-bar.tsx';
import { text } from '../text/text.ts';
import { UploadRow } from './upload-row.tsx';
import { uploads as store } from './upload-store.ts';
import { isAtRest, type Upload } from './upload.ts';
import styles from './uploads.module.css';

const words = text.library.uploads;
const WIDE = '(min-width: 900px)';

/** How far all of it is, by bytes; preparing counts as the last tenth. */
function percentageOf(uploads: readonly Upload[]): number {
  const bytes = uploads.reduce((sum, { size }) => sum + size, 0);
  const done = uploads.reduce((sum, { size, state }) => {
    if (state.step === 'waiting') return sum;
    if (state.step === 'sending') return sum + size * 0.9 * (state.percentage / 100);
    if (state.step === 'preparing') return sum + size * (0.9 + state.percentage / 1000);
    return sum + size;
  }, 0);
  return (100 * done) / Math.max(1, bytes);
}

export function UploadPanel({ uploads }: { readonly uploads: readonly Upload[] }) {
  const [isOpen, setOpen] = useState(() => matchMedia(WIDE).matches);
  const panel = useRef<HTMLElement>(null);
  const over = uploads.filter(isAtRest).length;
  const failed = uploads.filter(({ state }) => state.step === 'failed' || state.step === 'lost').length;
  const isDone = over === uploads.length;

  useLayoutEffect(() => {
    const { current: element } = panel;
    if (element === null) return;
    // Nothing that is below it may be hidden for good: the view ends above it, however many files there are.
    const { style } = document.documentElement;
    const measure = (): void => style.setProperty('--dock-height', `${String(element.offsetHeight)}px`);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      observer.disconnect();
      style.removeProperty('--dock-height');
    };
  }, []);

  return (
    <section ref={panel} className={styles['panel']} aria-label={words.title}>
      <header className={styles['head']}>
        <p role="status" className={styles['summary']}>
          {isDone ? words.over(over - failed, failed) : words.running(over, uploads.length, failed)}
        </p>
        {isDone && (
          <Button kind="quiet" onClick={() => store.clear()}>
            {words.clear}
          </Button>
        )}
        <IconButton
          label={isOpen ? words.hide : words.show}
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          <Icon name={isOpen ? 'down' : 'up'} />
        </IconButton>
      </header>
      {!isDone && <ProgressBar label={words.title} percentage={percentageOf(uploads)} />}
      {isOpen && (
        <ul className={styles['rows']} tabIndex={0} aria-label={words.list}>
          {uploads.map((upload) => (
            <UploadRow key={upload.id} upload={upload} />
          ))}
        </ul>
      )}
    </section>
  );
}
