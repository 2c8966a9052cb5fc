import type { player as thePlayer } from './player.ts';
import { BACK_S, FORWARD_S } from './transport.tsx';

/** What takes keys for itself. */
const TAKES_KEYS = [
  'input',
  'textarea',
  'select',
  'audio',
  '[contenteditable]:not([contenteditable=false])',
  ...['slider', 'listbox', 'option', 'menu', 'menuitem', 'tab', 'radio', 'grid', 'treeitem', 'combobox'].map(
    (role) => `[role=${role}]`,
  ),
  // Something that is being sorted is moved by arrows.
  '[aria-roledescription]',
].join(',');
/** What a space presses. */
const PRESSED = 'button,a,summary,[role=button],[role=link]';

/** Space plays and pauses; arrows skip, wherever nothing else waits for them. @returns what ends it */
export function listenToKeys(player: typeof thePlayer): () => void {
  const press = (event: KeyboardEvent): void => {
    const { source } = player.getState();
    const isOther =
      event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented;
    const target = event.target;
    if (source === null || isOther || !(target instanceof Element)) return;
    if (target.closest(TAKES_KEYS) !== null) return;
    // A dialog is about something else, unless it is the player's own.
    if (document.querySelector('dialog[open]') !== null && target.closest('[data-player]') === null) return;
    if (event.key === ' ') {
      if (target.closest(PRESSED) !== null) return;
      player.toggle();
    } else if (event.key === 'ArrowLeft') player.skipBy(-BACK_S);
    else if (event.key === 'ArrowRight') player.skipBy(FORWARD_S);
    else return;
    event.preventDefault();
  };
  document.addEventListener('keydown', press);
  return () => document.removeEventListener('keydown', press);
}
