import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Queue } from '../../api/types.ts';
import { Dialog } from '../../controls/dialog.tsx';
import { Loading, Trouble } from '../../controls/notice.tsx';
import { text } from '../../text/text.ts';
import { NewLink } from '../links/new-link.tsx';
import { LinkAddresses } from './link-addresses.tsx';
import { LinkRow } from './link-row.tsx';
import styles from './share.module.css';
import { linksQuery, madeLink, makeLink } from './stream-links.ts';

const words = text.streams.share;

/** Links that play without a login: made, shown in all their forms, and revoked. */
export function ShareDialog({ queue, onClose }: { readonly queue: Queue; readonly onClose: () => void }) {
  const { name, play_mode: playMode } = queue;
  const { data, error, refetch } = useQuery(linksQuery(name));
  const [shownId, setShownId] = useState<string | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const known = data?.links.map(({ id }) => madeLink(id)).find((link) => link !== undefined);
  const shown = (shownId === null ? undefined : madeLink(shownId)) ?? known;

  async function make(expiresAt: string | undefined): Promise<void> {
    setProblem(null);
    try {
      setShownId((await makeLink(name, expiresAt)).id);
    } catch (failure) {
      setProblem(failure);
    }
  }

  return (
    <Dialog title={words.title} onClose={onClose}>
      <div className={styles['share']}>
        <p className={styles['about']}>{words.about}</p>
        {shown !== undefined && <LinkAddresses link={shown} playMode={playMode} />}
        {problem !== null && <Trouble error={problem} />}
        <NewLink
          label={shown === undefined ? words.make : words.makeAnother}
          kind={shown === undefined ? 'primary' : 'plain'}
          onMake={make}
        />
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
