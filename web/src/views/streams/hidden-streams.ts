import { useSyncExternalStore } from 'react';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { Problem } from '../../api/problem.ts';
import { queryClient } from '../../api/query-client.ts';
import type { Queue } from '../../api/types.ts';
import { toasts } from '../../controls/toast-store.ts';
import { text } from '../../text/text.ts';
import { guard } from './save-edit.ts';
import type { StreamEditing } from './stream-editing.ts';

const words = text.streams.remove;

/** Streams that are deleted as soon as it is too late for an undo. */
let hidden: ReadonlySet<string> = new Set();
const listeners = new Set<() => void>();

function change(next: ReadonlySet<string>): void {
  hidden = next;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useHiddenStreams = (): ReadonlySet<string> => useSyncExternalStore(subscribe, () => hidden);

/** How long a deletion waits for edits that are being saved. */
const SAVING_MS = 5_000;

/** Deletes it as it was seen: what somebody else adds in the meantime is not deleted unseen. */
export function deleteStream(queue: Queue, editing: StreamEditing): void {
  const { name, title = name } = queue;
  // Each edit that is saved meanwhile makes another revision: the one that they lead to is deleted.
  let seen: Queue | undefined = queue;
  const saved = editing.settled().then((after) => (seen = after));
  editing.hush();
  change(new Set(hidden).add(name));
  const show = (): void => change(new Set([...hidden].filter((one) => one !== name)));
  toasts.show(words.done(title), {
    undo: show,
    commit: async () => {
      try {
        if (isSaving(editing)) await Promise.race([saved, sleep(SAVING_MS)]);
        if (isSaving(editing)) return tell(words.unsaved(title));
        if (seen === undefined) return tell(words.changed(title));
        const params = { path: { name }, header: guard(seen) };
        // Also when the page is left: the browser sends it all the same.
        await api.DELETE('/api/streams/{name}', { params, keepalive: true });
        editing.forget();
        queryClient.removeQueries({ queryKey: keys.queue(name) });
      } catch (error) {
        if (!(error instanceof Problem) || error.status !== 412) throw error;
        tell(words.changed(title));
      } finally {
        await queryClient.invalidateQueries({ queryKey: keys.streamList });
        show();
      }
    },
  });
}

const isSaving = (editing: StreamEditing): boolean => editing.getState().pending.length > 0;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const tell = (message: string): void => void toasts.show(message, { kind: 'problem' });
