import { Link } from '@tanstack/react-router';
import { useCallback, useState } from 'react';
import { Problem } from '../../api/problem.ts';
import type { AudioFile } from '../../api/types.ts';
import { Button } from '../../controls/button.tsx';
import { Icon } from '../../controls/icon.tsx';
import { Empty, Loading, Trouble } from '../../controls/notice.tsx';
import { useTitle } from '../../controls/use-title.ts';
import { streamRoute } from '../../router.tsx';
import { text } from '../../text/text.ts';
import { FileChooser } from '../library/file-chooser.tsx';
import { ConflictNotice } from './conflict-notice.tsx';
import { EditBar } from './edit-bar.tsx';
import { PlanList } from './plan-list.tsx';
import { QueueList } from './queue-list.tsx';
import { SaveState } from './save-state.tsx';
import { SettingsDialog } from './settings-dialog.tsx';
import { ShareDialog } from './share-dialog.tsx';
import { StreamHead } from './stream-head.tsx';
import styles from './stream-view.module.css';
import { useStream } from './use-stream.ts';

const words = text.streams;

export function StreamView() {
  const { name } = streamRoute.useParams();
  return (
    <>
      <Link to="/streams" className={styles['back'] ?? ''}>
        <Icon name="back" size={18} />
        {words.back}
      </Link>
      <Editor key={name} name={name} />
    </>
  );
}

function Editor({ name }: { readonly name: string }) {
  const { queue, error, refetch, editing, state } = useStream(name);
  useTitle(queue?.title ?? name);
  const [opened, setOpened] = useState<'chooser' | 'share' | 'settings' | null>(null);
  const [showsPlan, setShowsPlan] = useState(false);
  const close = (): void => setOpened(null);
  const add = (files: readonly AudioFile[]): void => {
    const filenames = files.map(({ filename }) => filename);
    const said = words.edits.added(files.length, files[0]?.title ?? '');
    editing.make({ kind: 'insert', filenames, index: 'end' }, said);
  };
  const choose = useCallback(() => setOpened('chooser'), []);
  if (error instanceof Problem && error.status === 404) return <Empty title={words.gone} />;
  if (queue === undefined) return error === null ? <Loading /> : <Trouble error={error} onRetry={refetch} />;

  return (
    <article>
      <StreamHead queue={queue} onShare={() => setOpened('share')} onSettings={() => setOpened('settings')} />
      <ConflictNotice lost={state.lost} editing={editing} />
      <SaveState state={state} editing={editing} />
      <EditBar
        queue={queue}
        editing={editing}
        state={state}
        onAdd={choose}
        showsPlan={showsPlan}
        onShowPlan={setShowsPlan}
      />
      {queue.files.length === 0 ? (
        <Empty title={words.editor.emptyTitle}>
          <p>{words.editor.emptyHint}</p>
          <Button kind="primary" onClick={choose}>
            <Icon name="add" />
            {words.editor.add}
          </Button>
        </Empty>
      ) : showsPlan ? (
        <PlanList queue={queue} />
      ) : (
        <QueueList queue={queue} editing={editing} />
      )}
      {opened === 'chooser' && (
        <FileChooser
          onClose={close}
          onChoose={(files) => {
            close();
            add(files);
          }}
        />
      )}
      {opened === 'share' && <ShareDialog queue={queue} onClose={close} />}
      {opened === 'settings' && <SettingsDialog queue={queue} editing={editing} onClose={close} />}
    </article>
  );
}
