import { useQuery } from '@tanstack/react-query';
import { Link, Outlet } from '@tanstack/react-router';
import { Suspense, useEffect, useSyncExternalStore } from 'react';
import { isSessionExpired, onSessionExpiry } from '../api/left-session.ts';
import { lazyPart } from '../api/load-chunk.ts';
import { followOtherTabs, sessionQuery } from '../api/session.ts';
import { Icon, type IconName } from '../controls/icon.tsx';
import { Toasts } from '../controls/toasts.tsx';
import { PlayerBar } from '../player/player-bar.tsx';
import { text } from '../text/text.ts';
import { LoginDialog } from '../views/login/login-dialog.tsx';
import { OfflineNotice } from './offline-notice.tsx';
import styles from './shell.module.css';
import { VersionNotice } from './version-notice.tsx';
import { WorkBadge } from './work-badge.tsx';

const DeletionDialog = lazyPart(
  async () => (await import('../views/library/deletion-dialog.tsx')).DeletionDialog,
);
/** After the view: nobody uploads before there is something to be seen. */
const UploadDock = lazyPart(async () => (await import('../uploads/upload-dock.tsx')).UploadDock);

const PLACES = [
  { to: '/library', icon: 'library', label: text.shell.library },
  { to: '/streams', icon: 'streams', label: text.shell.streams },
  { to: '/work', icon: 'work', label: text.shell.work },
  { to: '/settings', icon: 'settings', label: text.shell.settings },
] as const satisfies readonly { to: string; icon: IconName; label: string }[];

/** What stays while one moves about: the places, the player, and what is said in passing. */
export function Shell() {
  // One who comes back to the page is told at once that the session has ended, not when something is saved.
  useQuery({ ...sessionQuery, refetchOnWindowFocus: true });
  const isExpired = useSyncExternalStore(onSessionExpiry, isSessionExpired);
  useEffect(followOtherTabs, []);
  return (
    <div className={styles['shell']}>
      <a className={styles['skip']} href="#content">
        {text.shell.skip}
      </a>
      <nav className={styles['places']} aria-label={text.shell.navigation}>
        <Link to="/library" className={styles['name'] ?? ''}>
          {text.shell.name}
        </Link>
        <ul>
          {PLACES.map(({ to, icon, label }) => (
            <li key={to}>
              <Link to={to} className={styles['place'] ?? ''} activeProps={{ 'aria-current': 'page' }}>
                <Icon name={icon} />
                <span>{label}</span>
                {to === '/work' && <WorkBadge />}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <OfflineNotice />
      <VersionNotice />
      <main id="content" tabIndex={-1} className={styles['content']}>
        <Outlet />
      </main>
      <Suspense>
        <UploadDock />
        <DeletionDialog />
      </Suspense>
      <PlayerBar />
      <Toasts />
      {isExpired && <LoginDialog />}
    </div>
  );
}
