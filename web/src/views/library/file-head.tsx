import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ownAddress } from '../../api/own-address.ts';
import { Button } from '../../controls/button.tsx';
import { Icon } from '../../controls/icon.tsx';
import { player } from '../../player/player.ts';
import { usePlayer } from '../../player/use-player.ts';
import { formatDuration } from '../../text/measures.ts';
import { text } from '../../text/text.ts';
import { Cover } from './cover.tsx';
import { deletions } from './deletions.ts';
import { FileEditDialog } from './file-edit-dialog.tsx';
import type { KnownFile } from './file-queries.ts';
import styles from './file-view.module.css';

const words = text.library.file;

/** What it is, and what can be done with it. */
export function FileHead({ known }: { readonly known: KnownFile }) {
  const { file } = known;
  const [isEditing, setEditing] = useState(false);
  const { source, isPlaying } = usePlayer();
  const navigate = useNavigate();
  const isSource = source?.kind === 'file' && source.name === file.filename;
  const plays = isSource && isPlaying;
  const address = ownAddress(file.url);
  const about = [file.artist, file.album, file.state === 'ready' && formatDuration(file.duration)];

  function play(): void {
    if (plays) player.pause();
    else if (isSource) player.resume();
    else void player.playFile(file);
  }

  return (
    <header className={styles['head']}>
      <Cover file={file} size="large" />
      <div className={styles['titles']}>
        <h1>{file.title}</h1>
        <p className={styles['soft']}>{about.filter(Boolean).join(' · ')}</p>
      </div>
      <div className={styles['actions']}>
        <Button kind="primary" disabled={file.state !== 'ready'} onClick={play}>
          <Icon name={plays ? 'pause' : 'play'} />
          {plays ? words.pause : words.play}
        </Button>
        <Button onClick={() => setEditing(true)}>
          <Icon name="edit" />
          {words.edit}
        </Button>
        {file.state === 'ready' && (
          <>
            <a className={styles['action']} href={`${address}?download=1`} download>
              <Icon name="download" />
              {words.download}
            </a>
            <a className={styles['action']} href={`${address}?original=1&download=1`} download>
              <Icon name="download" />
              {words.original}
            </a>
          </>
        )}
        <Button
          kind="danger"
          onClick={() => {
            deletions.remove(file);
            void navigate({ to: '/library' });
          }}
        >
          <Icon name="delete" />
          {text.shell.delete}
        </Button>
      </div>
      {isEditing && <FileEditDialog known={known} onClose={() => setEditing(false)} />}
    </header>
  );
}
