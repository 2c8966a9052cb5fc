import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Suspense, useCallback, useMemo, useState } from 'react';
import { lazyPart } from '../../api/load-chunk.ts';
import { Button } from '../../controls/button.tsx';
import { Icon } from '../../controls/icon.tsx';
import { Empty, Loading, Trouble } from '../../controls/notice.tsx';
import { useTitle } from '../../controls/use-title.ts';
import { libraryRoute } from '../../router.tsx';
import { text } from '../../text/text.ts';
import { PickButton } from '../../uploads/pick-button.tsx';
import { FileList } from './file-list.tsx';
import { fileListQuery, fileSearchQuery, type FileSort } from './file-queries.ts';
import styles from './library.module.css';
import { SearchField } from './search-field.tsx';
import { useDeletions } from './use-deletions.ts';

const words = text.library;
const SORTS: readonly FileSort[] = ['created', 'name', 'duration'];
const DEFAULT_SORT = 'created';

const SpeakDialog = lazyPart(async () => (await import('./speak-dialog.tsx')).SpeakDialog);

export function LibraryView() {
  useTitle(words.title);
  const { q = '', sort = DEFAULT_SORT } = libraryRoute.useSearch();
  const navigate = useNavigate();
  const [isSpeaking, setSpeaking] = useState(false);
  const search = useCallback(
    (question: string) =>
      void navigate({
        to: '/library',
        replace: true,
        search: ({ sort: kept }) => ({
          ...(kept && { sort: kept }),
          ...(question !== '' && { q: question }),
        }),
      }),
    [navigate],
  );
  return (
    <>
      <header className={styles['head']}>
        <h1>{words.title}</h1>
        <div className={styles['actions']}>
          <Button onClick={() => setSpeaking(true)}>
            <Icon name="speak" />
            {words.speak}
          </Button>
          <PickButton kind="primary" label={words.upload} />
        </div>
      </header>
      <div className={styles['tools']}>
        <SearchField question={q} onSearch={search} />
        {q === '' && (
          <select
            className={styles['sort']}
            aria-label={words.sort}
            value={sort}
            onChange={({ target }) => {
              const chosen = SORTS.find((one) => one === target.value);
              void navigate({
                to: '/library',
                replace: true,
                search: chosen === undefined ? {} : { sort: chosen },
              });
            }}
          >
            {SORTS.map((one) => (
              <option key={one} value={one}>
                {words.sorts[one]}
              </option>
            ))}
          </select>
        )}
      </div>
      {q === '' ? <AllFiles sort={sort} /> : <FoundFiles question={q} onClear={() => search('')} />}
      {isSpeaking && (
        <Suspense>
          <SpeakDialog onClose={() => setSpeaking(false)} />
        </Suspense>
      )}
    </>
  );
}

function AllFiles({ sort }: { readonly sort: FileSort }) {
  const { data, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } =
    useInfiniteQuery(fileListQuery(sort));
  const { hidden } = useDeletions();
  const files = useMemo(
    () => data?.pages.flatMap((page) => page.files).filter(({ filename }) => !hidden.has(filename)) ?? [],
    [data, hidden],
  );
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return (
    <>
      {error !== null && <Trouble error={error} onRetry={() => void refetch()} />}
      {isPending && error === null && <Loading />}
      {data !== undefined && files.length === 0 && (
        <Empty title={words.empty.title}>
          <p>{words.empty.hint}</p>
          <PickButton label={words.empty.choose} />
        </Empty>
      )}
      {files.length > 0 && <FileList key={sort} files={files} onEnd={onEnd} />}
    </>
  );
}

function FoundFiles({ question, onClear }: { readonly question: string; readonly onClear: () => void }) {
  const { data, error, isPending, refetch } = useQuery(fileSearchQuery(question));
  const { hidden } = useDeletions();
  const files = data?.results.filter(({ filename }) => !hidden.has(filename)) ?? [];
  return (
    <>
      {error !== null && <Trouble error={error} onRetry={() => void refetch()} />}
      {isPending && error === null && <Loading />}
      <p className={styles['found']} role="status">
        {data !== undefined && words.found(files.length)}
      </p>
      {data !== undefined && files.length === 0 && (
        <Empty title={words.nothingFound(question)}>
          <p>{words.nothingFoundHint}</p>
          <Button onClick={onClear}>{words.clearSearch}</Button>
        </Empty>
      )}
      {files.length > 0 && <FileList files={files} />}
    </>
  );
}
