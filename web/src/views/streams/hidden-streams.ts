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

/** Deletes it as it was seen: what somebody else adds in the meantime is not deleted unseen. */
export function deleteStream(queue: Queue, editing: StreamEditing): void {
  editing.forget();
  const { name, title = name } = queue;
  change(new Set(hidden).add(name));
  const show = (): void => change(new Set([...hidden].filter((one) => one !== name)));
  toasts.show(words.done(title), {
    undo: show,
    commit: async () => {
      try {
        const params = { path: { name }, header: guard(queue) };
        // Also when the page is left: the browser sends it all the same.
        await api.DELETE('/api/streams/{name}', { params, keepalive: true });
        queryClient.removeQueries({ queryKey: keys.queue(name) });
      } catch (error) {
        if (!(error instanceof Problem) || error.status !== 412) throw error;
        toasts.show(words.changed(title), { kind: 'problem' });
      } finally {
        await queryClient.invalidateQueries({ queryKey: keys.streamList });
        show();
      }
    },
  });
}
