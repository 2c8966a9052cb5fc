import { useState, type SubmitEvent } from 'react';
import { useNavigate } from '@tanstack/react-router';
import type { Queue } from '../../api/types.ts';
import { Button } from '../../controls/button.tsx';
import { Dialog } from '../../controls/dialog.tsx';
import { SelectField, TextField } from '../../controls/field.tsx';
import { formText } from '../../controls/form-text.ts';
import { Icon } from '../../controls/icon.tsx';
import { text } from '../../text/text.ts';
import styles from './dialogs.module.css';
import { deleteStream } from './hidden-streams.ts';
import { lifetimeOf } from './lifetime.ts';
import type { StreamSettings } from './queue-edit.ts';
import type { StreamEditing } from './stream-editing.ts';

const words = text.streams.settings;
const HOUR_S = 3600;
/** How long a stream may stay, by how it is chosen. */
const TIMES = {
  hours12: 12 * HOUR_S,
  day: 24 * HOUR_S,
  week: 7 * 24 * HOUR_S,
  month: 30 * 24 * HOUR_S,
  year: 365 * 24 * HOUR_S,
} as const;

interface SettingsDialogProps {
  readonly queue: Queue;
  readonly editing: StreamEditing;
  readonly onClose: () => void;
}

export function SettingsDialog({ queue, editing, onClose }: SettingsDialogProps) {
  const navigate = useNavigate();
  const [title, setTitle] = useState(queue.title ?? '');
  const lifetime = lifetimeOf(queue);

  function submit(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const stays = formText(new FormData(event.currentTarget), 'stays');
    const to: StreamSettings = {
      ...(title.trim() !== (queue.title ?? '') && { title: title.trim() }),
      ...lifetimeTo(stays),
    };
    onClose();
    if (Object.keys(to).length > 0) {
      editing.make({ kind: 'settings', to }, text.streams.edits.settings);
    }
  }

  return (
    <Dialog title={words.title} onClose={onClose}>
      <form className={styles['form']} onSubmit={submit}>
        <TextField
          label={words.titleField}
          hint={words.titleHint(queue.name)}
          value={title}
          maxLength={200}
          data-first-focus
          onChange={({ target }) => setTitle(target.value)}
        />
        <SelectField label={words.stays} name="stays" defaultValue="same">
          <option value="same">{words.same(lifetime)}</option>
          {queue.persistence !== 'permanent' && <option value="permanent">{words.permanent}</option>}
          <option value="session">{words.session}</option>
          {Object.entries(words.times).map(([key, label]) => (
            <option key={key} value={key}>
              {label}
            </option>
          ))}
        </SelectField>
        <Button kind="primary" type="submit">
          {text.shell.save}
        </Button>
      </form>
      <section className={styles['apart']}>
        <p className={styles['about']}>{text.streams.remove.hint}</p>
        <Button
          kind="danger"
          onClick={() => {
            onClose();
            deleteStream(queue, editing);
            void navigate({ to: '/streams' });
          }}
        >
          <Icon name="delete" />
          {text.streams.remove.button}
        </Button>
      </section>
    </Dialog>
  );
}

function lifetimeTo(stays: string): StreamSettings {
  if (stays === 'permanent' || stays === 'session') return { persistence: stays };
  const seconds = Object.entries(TIMES).find(([key]) => key === stays)?.[1];
  return seconds === undefined ? {} : { persistence: 'session', ttl_s: seconds };
}
