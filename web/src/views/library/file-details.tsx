import type { FileInfo } from '../../api/types.ts';
import { formatDateTime, formatNumber, formatSize } from '../../text/measures.ts';
import { text } from '../../text/text.ts';
import styles from './file-view.module.css';

const words = text.library.details;

/** What is asked rarely: folded away. */
export function FileDetails({ file }: { readonly file: FileInfo }) {
  const { format, loudness_lufs: loudness, sha256 } = file;
  const rows: readonly (readonly [string, string | undefined])[] = [
    [words.filename, file.filename],
    [words.originalFilename, file.original_filename],
    [words.size, file.size === 0 ? undefined : formatSize(file.size)],
    [words.originalSize, formatSize(file.original_size)],
    [
      words.format,
      format &&
        words.formatOf({
          codec: format.codec,
          rate: formatNumber(format.sample_rate_hz),
          channels: format.channels,
          bitrate: formatNumber(Math.round(format.bitrate_kbps)),
        }),
    ],
    [words.loudness, loudness === undefined ? undefined : words.loudnessOf(loudness.toFixed(1))],
    [words.createdAt, formatDateTime(file.created_at)],
    [words.updatedAt, formatDateTime(file.updated_at)],
    [words.sha256, sha256],
  ];
  return (
    <details className={styles['details']}>
      <summary>{words.title}</summary>
      <dl>
        {rows.map(
          ([name, value]) =>
            value !== undefined && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
    </details>
  );
}
