import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Queue } from '../../api/types.ts';
import { Dialog } from '../../controls/dialog.tsx';
import { Trouble } from '../../controls/notice.tsx';
import { text } from '../../text/text.ts';
import { LinkList } from '../links/link-list.tsx';
import { NewLink } from '../links/new-link.tsx';
import { linksQuery, madeLink, makeLink, type Played } from '../links/playback-links.ts';
import { LinkAddresses } from './link-addresses.tsx';
import styles from './share.module.css';

const words = text.streams.share;

/** Links that play without a login: made, shown in all their forms, and revoked. */
export function ShareDialog({ queue, onClose }: { readonly queue: Queue; readonly onClose: () => void }) {
  const { name, play_mode: playMode } = queue;
  const played: Played = { kind: 'stream', name };
  const { data } = useInfiniteQuery(linksQuery(played));
  const [shownId, setShownId] = useState<string | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const links = data?.pages.flatMap((page) => page.links) ?? [];
  const known = links.map(({ id }) => madeLink(id)).find((link) => link !== undefined);
  const shown = (shownId === null ? undefined : madeLink(shownId)) ?? known;

  async function make(expiresAt: string | undefined): Promise<void> {
    setProblem(null);
    try {
      setShownId((await makeLink(played, expiresAt)).id);
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
        <section>
          {links.length > 0 && <h3>{text.links.title}</h3>}
          <LinkList played={played} onShow={setShownId} />
        </section>
      </div>
    </Dialog>
  );
}
