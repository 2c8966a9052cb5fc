import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Queue } from '../../api/types.ts';
import { Button } from '../../controls/button.tsx';
import { Dialog } from '../../controls/dialog.tsx';
import { SelectField } from '../../controls/field.tsx';
import { Loading, Trouble } from '../../controls/notice.tsx';
import { text } from '../../text/text.ts';
import { LinkAddresses } from './link-addresses.tsx';
import { LinkRow } from './link-row.tsx';
import styles from './share.module.css';
import { linksQuery, madeLink, makeLink } from './stream-links.ts';

const words = text.streams.share;
const DAY_S = 24 * 3600;
const SPANS: Readonly<Record<string, number | undefined>> = {
  ever: undefined,
  day: DAY_S,
  month: 30 * DAY_S,
  year: 365 * DAY_S,
};

/** Links that play without a login: made, shown in all their forms, and revoked. */
export function ShareDialog({ queue, onClose }: { readonly queue: Queue; readonly onClose: () => void }) {
  const { name, play_mode: playMode } = queue;
  const { data, error, refetch } = useQuery(linksQuery(name));
  const [shownId, setShownId] = useState<string | null>(null);
  const [span, setSpan] = useState('ever');
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const known = data?.links.map(({ id }) => madeLink(id)).find((link) => link !== undefined);
  const shown = (shownId === null ? undefined : madeLink(shownId)) ?? known;

  async function make(): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      setShownId((await makeLink(name, SPANS[span])).id);
    } catch (failure) {
      setProblem(failure);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog title={words.title} onClose={onClose}>
      <div className={styles['share']}>
        <p className={styles['about']}>{words.about}</p>
        {shown !== undefined && <LinkAddresses link={shown} playMode={playMode} />}
        {problem !== null && <Trouble error={problem} />}
        <div className={styles['new']}>
          <SelectField label={words.opensFor} value={span} onChange={({ target }) => setSpan(target.value)}>
            {Object.entries(words.spans).map(([key, label]) => (
              <option key={key} value={key}>
                {label}
              </option>
            ))}
          </SelectField>
          <Button
            kind={shown === undefined ? 'primary' : 'plain'}
            disabled={isBusy}
            onClick={() => void make()}
          >
            {shown === undefined ? words.make : words.makeAnother}
          </Button>
        </div>
        {data === undefined &&
          (error === null ? <Loading /> : <Trouble error={error} onRetry={() => void refetch()} />)}
        {data !== undefined && data.links.length > 0 && (
          <section>
            <h3>{words.links}</h3>
            <ul className={styles['links']}>
              {data.links.map((link) => (
                <LinkRow
                  key={link.id}
                  name={name}
                  link={link}
                  onShow={madeLink(link.id) === undefined ? undefined : () => setShownId(link.id)}
                />
              ))}
            </ul>
          </section>
        )}
      </div>
    </Dialog>
  );
}
