import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { AudioFile } from '../../api/types.ts';
import { Button } from '../../controls/button.tsx';
import { Dialog } from '../../controls/dialog.tsx';
import { TextField } from '../../controls/field.tsx';
import { Loading, Trouble } from '../../controls/notice.tsx';
import { useDebounced } from '../../controls/use-debounced.ts';
import { text } from '../../text/text.ts';
import { ChooserList } from './chooser-list.tsx';
import styles from './file-chooser.module.css';
import { fileListQuery, fileSearchQuery } from './file-queries.ts';

const words = text.library.chooser;
const TYPING_MS = 200;

interface FileChooserProps {
  /** What was ticked, in the order of ticking; at least one. The chooser stays until its owner takes it away. */
  readonly onChoose: (files: readonly AudioFile[]) => void;
  readonly onClose: () => void;
}

/** Files of the library to be ticked, many at once; what is ticked stays so through searches. */
export function FileChooser({ onChoose, onClose }: FileChooserProps) {
  const [question, setQuestion] = useState('');
  const [chosen, setChosen] = useState<readonly AudioFile[]>([]);
  const settled = useDebounced(question.trim(), TYPING_MS);
  const list = useInfiniteQuery({ ...fileListQuery('name'), enabled: settled === '' });
  const search = useQuery(fileSearchQuery(settled));
  const { data, error, isPending, refetch } = settled === '' ? list : search;
  const found: readonly AudioFile[] =
    settled === '' ? (list.data?.pages.flatMap(({ files }) => files) ?? []) : (search.data?.results ?? []);
  const files = found.filter(({ state }) => state !== 'failed');

  const toggle = (file: AudioFile): void =>
    setChosen((before) => {
      const others = before.filter(({ filename }) => filename !== file.filename);
      return others.length < before.length ? others : [...before, file];
    });

  return (
    <Dialog title={words.title} onClose={onClose}>
      <form
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault();
          if (chosen.length > 0) onChoose(chosen);
        }}
      >
        <TextField
          label={words.search}
          type="search"
          value={question}
          onChange={({ target }) => setQuestion(target.value)}
          // Enter in the field of a search means the search, not the end of choosing.
          onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
          autoComplete="off"
          data-first-focus
        />
        {error !== null && <Trouble error={error} onRetry={() => void refetch()} />}
        {isPending && error === null && <Loading />}
        {data !== undefined && files.length === 0 && (
          <p className={styles['nothing']} role="status">
            {settled === '' ? words.empty : words.nothingFound(settled)}
          </p>
        )}
        {files.length > 0 && (
          <ChooserList
            files={files}
            chosen={chosen}
            onToggle={toggle}
            onEnd={() => {
              if (settled === '' && list.hasNextPage && !list.isFetchingNextPage) void list.fetchNextPage();
            }}
          />
        )}
        <footer className={styles['foot']}>
          <p role="status">{words.chosen(chosen.length)}</p>
          <Button onClick={onClose}>{text.shell.cancel}</Button>
          <Button kind="primary" type="submit" disabled={chosen.length === 0}>
            {words.add(chosen.length)}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
