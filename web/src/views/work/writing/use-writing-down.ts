import { useEffect, useRef, useState } from 'react';
import { api } from '../../../api/client.ts';
import { followRequest } from '../../../api/follow-request.ts';
import { keys } from '../../../api/keys.ts';
import { messageOf, Problem } from '../../../api/problem.ts';
import { queryClient } from '../../../api/query-client.ts';
import { toasts } from '../../../controls/toast-store.ts';
import { text } from '../../../text/text.ts';
import { untilReached } from '../../../uploads/send-part.ts';
import type { Recording } from './recording.ts';
import { sendRecording } from './send-recording.ts';

const words = text.work.writing;

/** How far it is. */
export type Writing =
  | { readonly step: 'choosing'; readonly problem?: unknown }
  | { readonly step: 'sending' | 'hearing'; readonly percentage: number }
  | { readonly step: 'cancelling' }
  | { readonly step: 'done'; readonly requestId: string; readonly name: string };

interface WritingDown {
  readonly writing: Writing;
  /** Goes on when what shows it is closed, and tells the end in a message then. */
  readonly write: (recording: Recording) => Promise<void>;
  readonly cancel: () => void;
}

/** Has a recording written down of which nothing is kept. */
export function useWritingDown(): WritingDown {
  const [writing, setWriting] = useState<Writing>({ step: 'choosing' });
  const cancelling = useRef<() => void>(null);
  const isOpen = useRef(true);
  useEffect(() => {
    isOpen.current = true;
    return () => {
      isOpen.current = false;
    };
  }, []);

  async function write(recording: Recording): Promise<void> {
    const { name } = recording.file;
    const sending = new AbortController();
    const { signal } = sending;
    cancelling.current = () => sending.abort();
    setWriting({ step: 'sending', percentage: 0 });
    try {
      const requestId = await sendRecording(recording, {
        signal,
        onProgress: (percentage) => {
          if (!signal.aborted) setWriting({ step: 'sending', percentage });
        },
      });
      void queryClient.invalidateQueries({ queryKey: keys.requests });
      cancelling.current = () => void cancelHearing(requestId);
      if (signal.aborted) cancelling.current();
      else setWriting({ step: 'hearing', percentage: 0 });
      const onProgress = (percentage: number): void => setWriting({ step: 'hearing', percentage });
      await untilReached(() => followRequest(requestId, { onProgress }), signal);
      if (isOpen.current) setWriting({ step: 'done', requestId, name });
      else toasts.show(words.isWritten(name));
    } catch (error) {
      setWriting({ step: 'choosing', ...(!isCancel(error) && { problem: error }) });
      // Whoever has closed it cancels it under Work, and is told there.
      if (isOpen.current && isCancel(error)) toasts.show(text.work.wasCancelled);
      if (!isOpen.current && !isCancel(error)) {
        toasts.show(words.failed(name, messageOf(error)), { kind: 'problem' });
      }
    } finally {
      void queryClient.invalidateQueries({ queryKey: keys.requests });
    }
  }

  const cancel = (): void => {
    setWriting({ step: 'cancelling' });
    cancelling.current?.();
  };
  return { writing, write, cancel };
}

async function cancelHearing(id: string): Promise<void> {
  try {
    await api.POST('/api/requests/{id}/cancel', { params: { path: { id } } });
  } catch (error) {
    // It has ended meanwhile, and how is told.
    if (!(error instanceof Problem) || error.code !== 'conflict') toasts.problem(error);
  }
}

const isCancel = (error: unknown): boolean =>
  error instanceof Problem
    ? error.code === 'cancelled'
    : error instanceof DOMException && error.name === 'AbortError';
