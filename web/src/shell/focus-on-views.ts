import type { router as Router } from '../router.tsx';

/**
 * Moves the focus to a view that was gone to, so that a keyboard goes on there and a screen reader says where one is. A
 * view that took the focus itself keeps it, and so does what stays where it was in it.
 */
export function focusOnViews(router: typeof Router): void {
  router.subscribe('onRendered', ({ fromLocation, pathChanged }) => {
    if (fromLocation === undefined || !pathChanged) return;
    const focused = document.activeElement;
    if (focused?.closest('main, dialog') && focused.checkVisibility()) return;
    const main = document.querySelector('main');
    const headings = [...(main?.querySelectorAll<HTMLElement>('h1, h2') ?? [])];
    const target = headings.find((heading) => heading.checkVisibility()) ?? main;
    if (target === null) return;
    target.tabIndex = -1;
    // How far it is scrolled is the router's.
    target.focus({ preventScroll: true });
  });
}
