import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { followRequest } from '../../api/follow-request.ts';
import { keys } from '../../api/keys.ts';
import { openRequestsQuery } from '../../api/open-requests.ts';
import { messageOf, Problem } from '../../api/problem.ts';
import { queryClient } from '../../api/query-client.ts';
import { text } from '../../text/text.ts';

/** A transcript that is being made. */
interface Making {
  readonly percentage: number;
  /** null until the server has it. */
  readonly requestId: string | null;
}

export interface Transcribing {
  /** Whoever asked for it: on this page, before it was loaded, or elsewhere; null while nothing is known of any. */
  readonly making: Making | null;
  readonly problem: string | null;
  /** @param language BCP 47; '' lets the engine find out */
  readonly start: (language: string) => void;
}

/** Asks for a transcript and tells how it goes, as long as the view is there; it is made all the same. */
export function useTranscribing(filename: string): Transcribing {
  const [own, setOwn] = useState<Making | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const following = useRef<AbortController>(null);
  useEffect(() => () => following.current?.abort(), []);
  const { data: open } = useQuery(openRequestsQuery);
  const found = open?.find((request) => request.action === 'transcribe' && request.filename === filename);

  async function transcribe(language: string, signal: AbortSignal): Promise<void> {
    setOwn({ percentage: 0, requestId: null });
    setProblem(null);
    try {
      const { request_id: requestId } = await dataOf(
        api.POST('/api/audio/{filename}/transcribe', {
          params: { path: { filename } },
          body: language === '' ? {} : { language },
        }),
      );
      if (!signal.aborted) setOwn({ percentage: 0, requestId });
      await queryClient.invalidateQueries({ queryKey: keys.transcript(filename) });
      const onProgress = (percentage: number): void => setOwn({ percentage, requestId });
      await followRequest(requestId, { signal, onProgress });
    } catch (error) {
      if (signal.aborted) return;
      const isCancelled = error instanceof Problem && error.code === 'cancelled';
      setProblem(isCancelled ? text.library.transcript.cancelled : messageOf(error));
    }
    if (signal.aborted) return;
    // Before it is over here, or what is known of open work would say for a moment that it goes on.
    await queryClient.invalidateQueries({ queryKey: keys.requests });
    setOwn(null);
    await queryClient.invalidateQueries({ queryKey: keys.files });
  }

  const start = (language: string): void => {
    following.current?.abort();
    following.current = new AbortController();
    transcribe(language, following.current.signal).catch((error: unknown) => setProblem(messageOf(error)));
  };
  const making = own ?? (found && { percentage: found.progress, requestId: found.request_id }) ?? null;
  return { making, problem, start };
}
