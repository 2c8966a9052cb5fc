import { useOpenRequests } from '../api/open-requests.ts';
import { text } from '../text/text.ts';
import styles from './work-badge.module.css';

/** How much long work is under way, beside the name of its place. */
export function WorkBadge() {
  const { data } = useOpenRequests();
  const count = data?.length ?? 0;
  if (count === 0) return null;
  return (
    <span className={styles['badge']}>
      <span aria-hidden="true">{count > 99 ? '99+' : count}</span>
      <span className="visually-hidden">{text.shell.running(count)}</span>
    </span>
  );
}
