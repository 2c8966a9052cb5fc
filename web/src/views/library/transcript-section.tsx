import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { FileInfo } from '../../api/types.ts';
import { Button } from '../../controls/button.tsx';
import { Icon } from '../../controls/icon.tsx';
import { Loading, Trouble } from '../../controls/notice.tsx';
import { transcriptQuery } from '../../player/transcript-query.ts';
import { text } from '../../text/text.ts';
import styles from './file-view.module.css';
import { TranscriptDownloads } from './transcript-downloads.tsx';
import { TranscriptEditor } from './transcript-editor.tsx';
import { TranscriptLines } from './transcript-lines.tsx';
import { NewTranscript, RunningTranscript } from './transcript-orders.tsx';
import { useTranscribing } from './use-transcribing.ts';

const words = text.library.transcript;

/** What is said in the recording: made by the server's engine, read, followed, and put right. */
export function TranscriptSection({ file }: { readonly file: FileInfo }) {
  const { filename } = file;
  const { data, error, refetch } = useQuery(transcriptQuery(filename));
  const [isEditing, setEditing] = useState(false);
  const { making, problem, start } = useTranscribing(filename);
  const status = data?.transcript.status;
  const isRunning = making !== null || status === 'pending' || status === 'processing';
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
        <RunningTranscript
          filename={filename}
          percentage={making?.percentage}
          requestId={making?.requestId ?? null}
        />
      )}
      {data !== undefined && !has && !isRunning && <p className={styles['soft']}>{words.none}</p>}
      {has && isEditing && (
        <TranscriptEditor known={data} durationS={file.duration} onDone={() => setEditing(false)} />
      )}
      {has && !isEditing && (
        <>
          <TranscriptLines file={file} transcript={data.transcript} />
          <div className={styles['actions']}>
            <Button onClick={() => setEditing(true)}>
              <Icon name="edit" />
              {words.edit}
            </Button>
            <TranscriptDownloads filename={filename} />
          </div>
        </>
      )}
      {data !== undefined && !isEditing && (
        <NewTranscript label={has ? words.again : words.make} isRunning={isRunning} onStart={start} />
      )}
    </section>
  );
}
