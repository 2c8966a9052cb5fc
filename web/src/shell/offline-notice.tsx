import { useEffect, useSyncExternalStore } from 'react';
import { queryClient } from '../api/query-client.ts';
import { reach } from '../api/reach.ts';
import { text } from '../text/text.ts';
import styles from './offline-notice.module.css';

/** Says that the server cannot be reached; once it can, all that is shown is asked for anew. */
export function OfflineNotice() {
  const isThere = useSyncExternalStore(reach.subscribe, reach.isThere);
  useEffect(
    () =>
      reach.subscribe(() => {
        if (reach.isThere()) void queryClient.invalidateQueries();
      }),
    [],
  );
  // The region is there before what it says, so that a screen reader says it.
  return <div role="status">{!isThere && <p className={styles['offline']}>{text.shell.offline}</p>}</div>;
}
