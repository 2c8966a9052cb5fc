import { useSyncExternalStore } from 'react';
import { Button } from '../controls/button.tsx';
import { text } from '../text/text.ts';
import { installedPage } from './installed-page.ts';
import styles from './version-notice.module.css';

/** Says that the server has another page than the one that is open. */
export function VersionNotice() {
  const hasNewer = useSyncExternalStore(installedPage.subscribe, installedPage.hasNewer);
  return (
    <div role="status">
      {hasNewer && (
        <p className={styles['newer']}>
          {text.shell.newVersion}
          <Button onClick={() => installedPage.takeOver()}>{text.shell.reload}</Button>
        </p>
      )}
    </div>
  );
}
