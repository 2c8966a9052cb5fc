import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Problem } from '../../api/problem.ts';
import { Empty, Loading, Trouble } from '../../controls/notice.tsx';
import { useTitle } from '../../controls/use-title.ts';
import { fileRoute } from '../../router.tsx';
import { text } from '../../text/text.ts';
import { Chapters } from './chapters.tsx';
import { FileDetails } from './file-details.tsx';
import { FileHead } from './file-head.tsx';
import { FileLinks } from './file-links.tsx';
import { fileQuery, type KnownFile } from './file-queries.ts';
import styles from './file-view.module.css';
import { TranscriptSection } from './transcript-section.tsx';
import { Waveform } from './waveform.tsx';

const words = text.library.file;

export function FileView() {
  const { filename } = fileRoute.useParams();
  const { data, error, refetch } = useQuery(fileQuery(filename));
  useTitle(data?.file.title ?? filename);
  return (
    <>
      <p className={styles['back']}>
        <Link to="/library">{words.back}</Link>
      </p>
      {error instanceof Problem && error.code === 'not_found' ? (
        <Empty title={words.gone(filename)}>
          <Link to="/library">{text.shell.toLibrary}</Link>
        </Empty>
      ) : (
        error !== null && <Trouble error={error} onRetry={() => void refetch()} />
      )}
      {data === undefined && error === null && <Loading />}
      {data !== undefined && <OneFile key={filename} known={data} />}
    </>
  );
}

function OneFile({ known }: { readonly known: KnownFile }) {
  const { file } = known;
  return (
    <article className={styles['file']}>
      <FileHead known={known} />
      {file.state === 'processing' && <p role="status">{words.preparing}</p>}
      {file.state === 'failed' && <Trouble error={new Error(file.error ?? words.failed)} />}
      {file.state === 'ready' && file.waveform_url !== undefined && <Waveform file={file} />}
      {file.description !== '' && <p className={styles['description']}>{file.description}</p>}
      {file.tags.length > 0 && (
        <ul className={styles['tags']} aria-label={words.tags}>
          {file.tags.map((tag) => (
            <li key={tag}>
              <Link to="/library" search={{ q: tag }}>
                {tag}
              </Link>
            </li>
          ))}
        </ul>
      )}
      {file.state === 'ready' && (
        <>
          {file.chapters.length > 0 && <Chapters file={file} />}
          <TranscriptSection file={file} />
          <FileLinks filename={file.filename} />
        </>
      )}
      <FileDetails file={file} />
    </article>
  );
}
