import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { sessionQuery } from '../../api/session.ts';
import type { Queue } from '../../api/types.ts';
import { editingOf, withPending, type EditingState, type StreamEditing } from './stream-editing.ts';
import { queueQuery } from './stream-queries.ts';

interface EditedStream {
  /** With what is not saved yet; undefined as long as nothing is known. */
  readonly queue: Queue | undefined;
  readonly error: unknown;
  readonly refetch: () => void;
  readonly editing: StreamEditing;
  readonly state: EditingState;
}

/** One stream as it is seen and edited here. */
export function useStream(name: string): EditedStream {
  // A login clears what was known: what is seen stays until it is known again.
  const { data, error, refetch, dataUpdatedAt } = useQuery({
    ...queueQuery(name),
    placeholderData: keepPreviousData,
  });
  const editing = editingOf(name);
  const state = useSyncExternalStore(editing.subscribe, editing.getState);
  const queue = useMemo(() => data && withPending(data, state.pending), [data, state.pending]);
  const { data: session } = useQuery(sessionQuery);
  const isLoggedIn = session !== null && session !== undefined;
  useEffect(() => {
    // Whoever answered may be asked to save again.
    if (isLoggedIn && dataUpdatedAt > 0) editing.retry();
  }, [isLoggedIn, dataUpdatedAt, editing]);
  return { queue, error, refetch: () => void refetch(), editing, state };
}
