import type { AudioFile } from '../../api/types.ts';
import { Cover as Picture } from '../../controls/cover.tsx';
import styles from './cover.module.css';

interface CoverProps {
  readonly file: Pick<AudioFile, 'title' | 'cover_url'>;
  readonly size: 'small' | 'large';
}

/** The picture of a file, in the two sizes of the library. */
export const Cover = ({ file: { title, cover_url: url }, size }: CoverProps) => (
  <span className={`${styles['cover'] ?? ''} ${styles[size] ?? ''}`}>
    <Picture url={url} title={title} />
  </span>
);
