import { Icon } from '../../controls/icon.tsx';
import { text } from '../../text/text.ts';
import styles from './settings.module.css';

const words = text.settings.state;

/** A plain link: the browser writes what comes to disk, however much it is. */
export const BackupBlock = () => (
  <section className={styles['block']}>
    <h3>{words.backup}</h3>
    <p className={styles['hint']}>{words.backupHint}</p>
    <a href="/api/admin/backup" download className={styles['link']}>
      <Icon name="download" /> {words.download}
    </a>
  </section>
);
