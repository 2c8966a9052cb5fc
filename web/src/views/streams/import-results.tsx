import { text } from '../../text/text.ts';
import type { Imported, ImportResult } from './import-streams.ts';
import styles from './transfer.module.css';

const words = text.streams.transfer;
/** More are counted: a library of cards may have thousands. */
const MAX_SHOWN = 100;

/** What became of each stream of a file, and why; first what somebody may have to see to. */
export function ImportResults({ results }: Pick<Imported, 'results'>) {
  const shown = results.toSorted((one, other) => urgencyOf(other) - urgencyOf(one)).slice(0, MAX_SHOWN);
  const more = results.length - shown.length;
  return (
    <>
      <ul className={styles['results']} aria-label={words.results}>
        {shown.map((result, index) => (
          // A file may have one name twice.
          <li key={index}>
            <b>{result.name}</b>
            <span className={styles['about']}>{wordsOf(result)}</span>
          </li>
        ))}
      </ul>
      {more > 0 && <p className={styles['about']}>{words.more(more)}</p>}
    </>
  );
}

const URGENCY = { failed: 3, skipped: 2, replaced: 0, created: 0 };
const urgencyOf = ({ result, missing }: ImportResult): number =>
  Math.max(URGENCY[result], missing.length > 0 ? 1 : 0);

function wordsOf({ result, missing, error }: ImportResult): string {
  if (result === 'failed') return words.failed(error?.message ?? text.problems.unknown);
  if (result === 'skipped') return words.skipped;
  const done = result === 'created' ? words.created : words.replaced;
  return missing.length === 0 ? done : `${done} ${words.missing(missing)}`;
}
