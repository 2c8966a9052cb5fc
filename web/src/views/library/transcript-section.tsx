import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { followRequest } from '../../api/follow-request.ts';
import { keys } from '../../api/keys.ts';
import { messageOf, Problem } from '../../api/problem.ts';
import { queryClient } from '../../api/query-client.ts';
import type { FileInfo } from '../../api/types.ts';
import { Button } from '../../controls/button.tsx';
import { Icon } from '../../controls/icon.tsx';
import { Loading, Trouble } from '../../controls/notice.tsx';
import { ProgressBar } from '../../controls/progress-bar.tsx';
import { text } from '../../text/text.ts';
import { transcriptQuery } from './file-queries.ts';
import styles from './file-view.module.css';
import { TranscriptEditor } from './transcript-editor.tsx';
import { TranscriptLines } from './transcript-lines.tsx';

const words = text.library.transcript;

/** What is said in the recording: made by the server's engine, read, followed, and put right. */
export function TranscriptSection({ file }: { readonly file: FileInfo }) {
  const { filename } = file;
  const { data, error, refetch } = useQuery(transcriptQuery(filename));
  const [isEditing, setEditing] = useState(false);
  const { percentage, problem, start } = useTranscribing(filename);
  const status = data?.transcript.status;
  const isRunning = percentage !== null || status === 'pending' || status === 'processing';
  const has = data !== undefined && data.transcript.transcript !== null;
  return (
    <section className={styles['section']}>
      <h2>{words.title}</h2>
      {error !== null && <Trouble error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Loading />}
      {problem !== null && <Trouble error={new Error(problem)} />}
      {problem === null && status === 'failed' && !isRunning && (
        <Trouble error={new Error(data?.transcript.error ?? words.failed)} />
      )}
      {isRunning && (
        <>
          <p role="status">{words.running}</p>
          <ProgressBar label={words.running} percentage={percentage ?? undefined} />
        </>
      )}
      {data !== undefined && !has && !isRunning && <p className={styles['soft']}>{words.none}</p>}
      {has && isEditing && (
        <TranscriptEditor known={data} durationS={file.duration} onDone={() => setEditing(false)} />
      )}
      {has && !isEditing && <TranscriptLines file={file} transcript={data.transcript} />}
      {data !== undefined && !isEditing && (
        <div className={styles['actions']}>
          {has && (
            <Button onClick={() => setEditing(true)}>
              <Icon name="edit" />
              {words.edit}
            </Button>
          )}
          <Button disabled={isRunning} onClick={start}>
            <Icon name="text" />
            {has ? words.again : words.make}
          </Button>
        </div>
      )}
    </section>
  );
}

/** Asks for a transcript and tells how it goes, as long as the view is there; it is made all the same. */
function useTranscribing(filename: string) {
  const [percentage, setPercentage] = useState<number | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const following = useRef<AbortController>(null);
  useEffect(() => () => following.current?.abort(), []);

  async function transcribe(signal: AbortSignal): Promise<void> {
    setPercentage(0);
    setProblem(null);
    try {
      const { request_id: requestId } = await dataOf(
        api.POST('/api/audio/{filename}/transcribe', { params: { path: { filename } }, body: {} }),
      );
      await queryClient.invalidateQueries({ queryKey: keys.transcript(filename) });
      await followRequest(requestId, { signal, onProgress: setPercentage });
    } catch (error) {
      if (signal.aborted) return;
      const isCancelled = error instanceof Problem && error.code === 'cancelled';
      setProblem(isCancelled ? words.cancelled : messageOf(error));
    }
    if (signal.aborted) return;
    setPercentage(null);
    await queryClient.invalidateQueries({ queryKey: keys.files });
  }

  const start = (): void => {
    following.current?.abort();
    following.current = new AbortController();
    transcribe(following.current.signal).catch((error: unknown) => setProblem(messageOf(error)));
  };
  return { percentage, problem, start };
}
