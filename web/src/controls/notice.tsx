import type { ReactNode } from 'react';
import { messageOf } from '../api/problem.ts';
import { text } from '../text/text.ts';
import { Button } from './button.tsx';
import styles from './notice.module.css';

interface EmptyProps {
  readonly title: string;
  readonly children?: ReactNode;
}

/** Where nothing is yet: it says what to do. */
export const Empty = ({ title, children }: EmptyProps) => (
  <div className={styles['notice']}>
    <h2>{title}</h2>
    {children}
  </div>
);

interface TroubleProps {
  readonly error: unknown;
  readonly onRetry?: (() => void) | undefined;
}

/** What did not work, in plain words, and how to try again. */
export const Trouble = ({ error, onRetry }: TroubleProps) => (
  <div className={styles['trouble']} role="alert">
    <p>{messageOf(error)}</p>
    {onRetry !== undefined && <Button onClick={onRetry}>{text.shell.again}</Button>}
  </div>
);

export const Loading = () => (
  <p className={styles['loading']} role="status">
    {text.shell.loading}
  </p>
);
