import { text } from '../../text/text.ts';
import styles from './listen.module.css';

const words = text.listen;

/** Revoked, expired, or what it opened is gone. */
export const Over = () => (
  <main className={styles['said']} role="alert">
    <h1>{words.over}</h1>
    <p>{words.askGrownUp}</p>
  </main>
);
