import { Button } from '../controls/button.tsx';
import { Cover } from '../controls/cover.tsx';
import { Dialog } from '../controls/dialog.tsx';
import { formatDuration } from '../text/measures.ts';
import { text } from '../text/text.ts';
import { HeardTranscript } from './heard-transcript.tsx';
import styles from './large-player.module.css';
import { PartList } from './part-list.tsx';
import { PlayerChoices } from './player-choices.tsx';
import { player } from './player.ts';
import { isLive } from './player-state.ts';
import { SeekSlider } from './seek-slider.tsx';
import { Tabs } from './tabs.tsx';
import { Transport } from './transport.tsx';
import { usePlayer } from './use-player.ts';

const words = text.player;

/** All that there is to what plays. */
export function LargePlayer({ onClose }: { readonly onClose: () => void }) {
  const state = usePlayer();
  const { source, part, parts, partIndex, problem, positionS, wentOnAtS } = state;
  if (source === null) return null;
  const title = part?.title ?? source.title;
  const coverUrl = part?.coverUrl ?? (source.kind === 'file' ? source.coverUrl : undefined);
  const place = parts.length > 1 ? words.track(partIndex + 1, parts.length) : '';
  return (
    <Dialog title={words.large} onClose={onClose}>
      <div className={styles['what']}>
        <div className={styles['cover']}>
          <Cover url={coverUrl} title={title} />
        </div>
        <div className={styles['words']}>
          <h3 className={styles['title']}>{title}</h3>
          <p className={styles['soft']}>
            {[title !== source.title && source.title, place].filter(Boolean).join(' · ')}
          </p>
          {isLive(state) && (
            <p
              className={styles['soft']}
            >{`${words.live}, ${words.playingFor(formatDuration(positionS))}`}</p>
          )}
          {wentOnAtS !== null && <Button onClick={() => player.seek(0)}>{words.fromStart}</Button>}
        </div>
      </div>
      {problem !== null && (
        <p className={styles['problem']} role="alert">
          {problem}
        </p>
      )}
      {!isLive(state) && <SeekSlider />}
      <Transport size="large" />
      {part !== null && (
        <Tabs
          label={words.large}
          tabs={[
            ...(parts.length > 1 ? [{ name: words.queue, content: <PartList /> }] : []),
            { name: words.transcript, content: <HeardTranscript key={part.filename} part={part} /> },
          ]}
        />
      )}
      <PlayerChoices />
      <Button
        kind="quiet"
        onClick={() => {
          onClose();
          player.stop();
        }}
      >
        {words.stop}
      </Button>
    </Dialog>
  );
}
