import { useLayoutEffect, useRef, type FocusEvent } from 'react';

/**
 * Keeps the focus from falling out of the page when what has it is taken away, as a message is that was pressed or read:
 * it goes to where it was before, or to what lies around.
 *
 * @param shown what changes when something is taken away
 * @returns handlers for the element that holds it all
 */
export function useFocusBack(shown: unknown) {
  const focused = useRef<HTMLElement | null>(null);
  const before = useRef<HTMLElement | null>(null);
  useLayoutEffect(() => {
    if (focused.current === null || focused.current.isConnected) return;
    const target = before.current?.isConnected === true ? before.current : document.querySelector('main');
    focused.current = null;
    before.current = null;
    target?.focus({ preventScroll: true });
  }, [shown]);
  return {
    onFocus({ target, currentTarget, relatedTarget }: FocusEvent<HTMLElement>) {
      focused.current = target;
      if (relatedTarget instanceof HTMLElement && !currentTarget.contains(relatedTarget)) {
        before.current = relatedTarget;
      }
    },
    onBlur({ currentTarget, relatedTarget }: FocusEvent<HTMLElement>) {
      // Who turns to another window comes back to the same place.
      if (!document.hasFocus() || currentTarget.contains(relatedTarget)) return;
      focused.current = null;
      before.current = null;
    },
  };
}
