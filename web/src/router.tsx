import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { loadChunk } from './api/load-chunk.ts';
import { Problem } from './api/problem.ts';
import { findSession } from './api/session.ts';
import { Failure } from './shell/failure.tsx';
import { NotFound } from './shell/not-found.tsx';
import { Shell } from './shell/shell.tsx';

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound, errorComponent: Failure });

/**
 * A view in a part of its own. Without `loadChunk` the router loads the document anew where a part does not come: with
 * the server away for a moment, sound and edits would end on the browser's own error page.
 */
const lazyView = <Chunk extends Record<string, unknown>, Name extends keyof Chunk>(
  load: () => Promise<Chunk>,
  name: Name,
) => lazyRouteComponent(() => loadChunk(load), name);

/** Only an address of this page may be gone to after a login. */
const ownPath = (value: unknown): string | undefined =>
  typeof value === 'string' && /^\/(?![/\\])/.test(value) ? value : undefined;

export const loginRoute = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: (search): { next?: string | undefined } => ({ next: ownPath(search['next']) }),
  component: lazyView(() => import('./views/login/login-view.tsx'), 'LoginView'),
});

/** For a child, or anybody with a playback link: outside of the shell, so that nothing else can be reached from it. */
export const listenRoute = createRoute({
  getParentRoute: () => root,
  path: '/listen/$token',
  component: lazyView(() => import('./views/listen/listen-view.tsx'), 'ListenView'),
});

/** Where the server is away the shell says so, and who is there is asked once it is back. */
function goOnWithout(error: unknown): undefined {
  if (error instanceof Problem && error.code === 'offline') return;
  throw error;
}

const shellRoute = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  component: Shell,
  beforeLoad: async ({ location }) => {
    if ((await findSession().catch(goOnWithout)) === null) {
      const search = location.pathname === '/' ? {} : { next: location.href };
      redirect({ to: '/login', search, throw: true });
    }
  },
});

const homeRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/',
  beforeLoad: () => {
    redirect({ to: '/library', throw: true });
  },
});

export const libraryRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/library',
  validateSearch: (search): { q?: string; sort?: 'name' | 'created' | 'duration' } => {
    const { q, sort } = search;
    return {
      ...(typeof q === 'string' && q !== '' && { q }),
      ...((sort === 'name' || sort === 'created' || sort === 'duration') && { sort }),
    };
  },
  component: lazyView(() => import('./views/library/library-view.tsx'), 'LibraryView'),
});

export const fileRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/library/$filename',
  component: lazyView(() => import('./views/library/file-view.tsx'), 'FileView'),
});

export const streamsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/streams',
  component: lazyView(() => import('./views/streams/streams-view.tsx'), 'StreamsView'),
});

export const streamRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/streams/$name',
  component: lazyView(() => import('./views/streams/stream-view.tsx'), 'StreamView'),
});

export const workRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/work',
  validateSearch: ({ show }): { show?: 'FAILED' | 'COMPLETED' | 'CANCELLED' } =>
    show === 'FAILED' || show === 'COMPLETED' || show === 'CANCELLED' ? { show } : {},
  component: lazyView(() => import('./views/work/work-view.tsx'), 'WorkView'),
});

export const settingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/settings',
  component: lazyView(() => import('./views/settings/settings-view.tsx'), 'SettingsView'),
});

export const settingsSectionRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/settings/$section',
  component: lazyView(() => import('./views/settings/settings-view.tsx'), 'SettingsView'),
});

const routeTree = root.addChildren([
  loginRoute,
  listenRoute,
  shellRoute.addChildren([
    homeRoute,
    libraryRoute,
    fileRoute,
    streamsRoute,
    streamRoute,
    workRoute,
    settingsRoute,
    settingsSectionRoute,
  ]),
]);

export const router = createRouter({ routeTree, defaultPreload: 'intent', scrollRestoration: true });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
