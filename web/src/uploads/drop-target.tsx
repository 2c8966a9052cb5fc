import { useEffect, useState } from 'react';
import { toasts } from '../controls/toast-store.ts';
import { text } from '../text/text.ts';
import { droppedFiles } from './dropped-files.ts';
import styles from './uploads.module.css';
import { uploads } from './upload-store.ts';

const hasFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes('Files') === true;

/** Files may be dropped anywhere on the page: it says so while they are over it. */
export function DropTarget() {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    // Every element that is crossed tells of an entering and a leaving: over it is whoever entered more often.
    let depth = 0;
    const move = (step: number) => (event: DragEvent) => {
      if (!hasFiles(event)) return;
      depth = Math.max(0, depth + step);
      setOver(depth > 0);
    };
    const enter = move(1);
    const leave = move(-1);
    const over = (event: DragEvent): void => {
      if (hasFiles(event)) event.preventDefault();
    };
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event) || event.dataTransfer === null) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      droppedFiles(event.dataTransfer).then(
        (files) => uploads.add(files),
        (error: unknown) => toasts.problem(error),
      );
    };
    window.addEventListener('dragenter', enter);
    window.addEventListener('dragleave', leave);
    window.addEventListener('dragover', over);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragenter', enter);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('dragover', over);
      window.removeEventListener('drop', drop);
    };
  }, []);
  return isOver ? <p className={styles['drop']}>{text.library.uploads.drop}</p> : null;
}
