import { useQuery } from '@tanstack/react-query';
import { Button } from '../../../controls/button.tsx';
import { TextArea } from '../../../controls/field.tsx';
import { Icon } from '../../../controls/icon.tsx';
import { Loading, Trouble } from '../../../controls/notice.tsx';
import { saveAsFile } from '../../../controls/save-as-file.ts';
import { useCopy } from '../../../controls/use-copy.ts';
import { text } from '../../../text/text.ts';
import { heardQuery, type HeardSpeech } from './heard-query.ts';
import { toSubRip, toWebVtt } from './subtitles.ts';
import styles from './writing.module.css';

const words = text.work.writing;

const FORMS = [
  { ending: 'txt', type: 'text/plain', contentOf: ({ transcript }: HeardSpeech) => `${transcript}\n` },
  {
    ending: 'srt',
    type: 'application/x-subrip',
    contentOf: ({ segments }: HeardSpeech) => toSubRip(segments),
  },
  { ending: 'vtt', type: 'text/vtt', contentOf: ({ segments }: HeardSpeech) => toWebVtt(segments) },
] as const;

interface HeardTextProps {
  readonly requestId: string;
  /** What files of it are called, without an ending. */
  readonly name: string;
}

/** What is said, to be read and taken elsewhere. */
export function HeardText({ requestId, name }: HeardTextProps) {
  const { data, error, refetch } = useQuery(heardQuery(requestId));
  const { frame, copy, said } = useCopy(data?.transcript ?? '');
  if (data === undefined) {
    return error === null ? <Loading /> : <Trouble error={error} onRetry={() => void refetch()} />;
  }
  return (
    <div ref={frame} className={styles['panel']}>
      <TextArea label={words.text} value={data.transcript} rows={8} dir="auto" readOnly />
      <div className={styles['steps']}>
        <Button kind="primary" onClick={copy}>
          <Icon name="copy" />
          {text.shell.copy.copy}
        </Button>
        {FORMS.map(({ ending, type, contentOf }) => (
          <Button key={ending} onClick={() => saveAsFile(`${name}.${ending}`, contentOf(data), type)}>
            {words.saveAs(ending)}
          </Button>
        ))}
      </div>
      <p role="status" className={styles['said']}>
        {said}
      </p>
    </div>
  );
}
