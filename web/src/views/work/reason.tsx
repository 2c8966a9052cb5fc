import type { WorkRequest } from '../../api/types.ts';
import { text } from '../../text/text.ts';
import styles from './work.module.css';

/** Why it failed: what that means to a person, and the server's own sentence. */
export const Reason = ({ code, message }: Pick<NonNullable<WorkRequest['error']>, 'code' | 'message'>) => (
  <div className={styles['reason']}>
    <p>{text.work.reasons[code]}</p>
    <p className={styles['detail']}>{message}</p>
  </div>
);
