import { useState, type SubmitEvent } from 'react';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { messageOf, Problem } from '../../api/problem.ts';
import { queryClient } from '../../api/query-client.ts';
import type { Transcript } from '../../api/types.ts';
import { Button } from '../../controls/button.tsx';
import { TextArea } from '../../controls/field.tsx';
import { formText } from '../../controls/form-text.ts';
import { toasts } from '../../controls/toast-store.ts';
import { transcriptQuery, type KnownTranscript } from '../../player/transcript-query.ts';
import { text } from '../../text/text.ts';
import styles from './file-view.module.css';
import { toLines, toSegments } from './transcript-text.ts';

const words = text.library.transcript;
const ROWS = 14;
const THEIR_ROWS = 5;

interface TranscriptEditorProps {
  readonly known: KnownTranscript;
  readonly durationS: number;
  readonly onDone: () => void;
}

/** All of it in one field, a line for each segment: words are put right as in any text. */
export function TranscriptEditor({ known, durationS, onDone }: TranscriptEditorProps) {
  const [first] = useState(known.transcript);
  const [etag, setEtag] = useState(known.etag);
  const [theirs, setTheirs] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const { filename, segments } = first;
  const hasTimes = segments.length > 0;
  const before = textOf(first);

  async function save(event: SubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const value = formText(new FormData(event.currentTarget), 'text').replaceAll('\r\n', '\n');
    if (value === before) return onDone();
    const body = hasTimes ? { segments: toSegments(value, segments, durationS) } : { transcript: value };
    setBusy(true);
    setProblem(undefined);
    try {
      await api.PUT('/api/audio/{filename}/transcript', {
        params: { path: { filename }, header: { 'if-match': etag } },
        body,
      });
      await queryClient.invalidateQueries({ queryKey: keys.transcript(filename) });
      toasts.show(words.saved);
      onDone();
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'precondition_failed') {
        setProblem(messageOf(error));
        return;
      }
      const newer = await queryClient.fetchQuery({ ...transcriptQuery(filename), staleTime: 0 });
      setEtag(newer.etag);
      setTheirs(changedLines(before, textOf(newer.transcript)));
      setProblem(words.changed);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form
      className={styles['form']}
      onSubmit={(event) => {
        save(event).catch((error: unknown) => setProblem(messageOf(error)));
      }}
    >
      <TextArea
        label={words.text}
        hint={hasTimes ? words.hint : undefined}
        error={problem}
        name="text"
        rows={ROWS}
        defaultValue={before}
      />
      {theirs !== undefined && <TextArea label={words.theirs} value={theirs} rows={THEIR_ROWS} readOnly />}
      <div className={styles['foot']}>
        <Button onClick={onDone}>{text.shell.cancel}</Button>
        <Button kind="primary" type="submit" disabled={isBusy}>
          {text.shell.save}
        </Button>
      </div>
    </form>
  );
}

const textOf = ({ segments, transcript }: Transcript): string =>
  (segments.length > 0 ? toLines(segments) : (transcript ?? '')).replaceAll('\r\n', '\n');

/** What a newer text has that the one before has not, and the other way round, line by line. */
function changedLines(before: string, now: string): string {
  const [old, current] = [before.split('\n'), now.split('\n')];
  const [known, kept] = [new Set(old), new Set(current)];
  const added = current.filter((line) => !known.has(line)).map(words.added);
  return [...added, ...old.filter((line) => !kept.has(line)).map(words.gone)].join('\n');
}
