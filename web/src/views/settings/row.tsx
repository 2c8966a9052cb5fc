import type { ReactNode } from 'react';
import styles from './settings.module.css';

interface RowProps {
  readonly name: string;
  readonly about: string;
  /** What can be done about it. */
  readonly children: ReactNode;
}

/** One of a list, by its name, with what there is to know of it. */
export const Row = ({ name, about, children }: RowProps) => (
  <li className={styles['row']} aria-label={name}>
    <div className={styles['told']}>
      <b>{name}</b>
      <span className={styles['hint']}>{about}</span>
    </div>
    {children}
  </li>
);
