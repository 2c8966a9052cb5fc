import { Icon } from '../../controls/icon.tsx';
import { text } from '../../text/text.ts';
import styles from './file-view.module.css';

const FORMATS = ['txt', 'srt', 'vtt'] as const;

/** To be read elsewhere, or shown below a picture. Plain links: the browser writes what comes to disk. */
export const TranscriptDownloads = ({ filename }: { readonly filename: string }) => (
  <>
    {FORMATS.map((format) => (
      <a
        key={format}
        className={styles['action']}
        href={`/api/audio/${encodeURIComponent(filename)}/transcript.${format}`}
        download={filename.replace(/mp3$/, format)}
      >
        <Icon name="download" />
        {text.library.transcript.downloads[format]}
      </a>
    ))}
  </>
);
