import { useNavigate } from '@tanstack/react-router';
import { useState, type SubmitEvent } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { messageOf, Problem } from '../../api/problem.ts';
import { queryClient } from '../../api/query-client.ts';
import { Button } from '../../controls/button.tsx';
import { Dialog } from '../../controls/dialog.tsx';
import { TextField } from '../../controls/field.tsx';
import { text } from '../../text/text.ts';
import { queueQuery } from './stream-queries.ts';
import { faultOfName, nameOfTitle } from './stream-name.ts';
import styles from './dialogs.module.css';

const words = text.streams.make;
const FAULTS = { wrong: words.nameWrong, reserved: words.nameReserved };

export function NewStreamDialog({ onClose }: { readonly onClose: () => void }) {
  const navigate = useNavigate();
  const [title, setTitle] = useState('');
  const [ownName, setOwnName] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | undefined>();
  const [isBusy, setBusy] = useState(false);
  const name = ownName ?? (nameOfTitle(title) || words.fallback);

  async function submit(event: SubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const fault = faultOfName(name);
    if (fault !== null) return setProblem(FAULTS[fault]);
    setBusy(true);
    try {
      await makeStream(await freeName(name, ownName !== null), title.trim(), async (made) => {
        onClose();
        await navigate({ to: '/streams/$name', params: { name: made } });
      });
    } catch (error) {
      setProblem(messageOf(error));
      setBusy(false);
    }
  }

  return (
    <Dialog title={words.title} onClose={onClose}>
      <form className={styles['form']} onSubmit={(event) => void submit(event)}>
        <TextField
          label={words.titleField}
          hint={words.titleExample}
          value={title}
          maxLength={200}
          autoFocus
          required
          onChange={({ target }) => setTitle(target.value)}
        />
        <TextField
          label={words.nameField}
          hint={words.nameHint}
          error={problem}
          value={name}
          maxLength={100}
          autoCapitalize="none"
          spellCheck={false}
          required
          onChange={({ target }) => {
            setOwnName(target.value);
            setProblem(undefined);
          }}
        />
        <Button kind="primary" type="submit" disabled={isBusy}>
          {words.submit}
        </Button>
      </form>
    </Dialog>
  );
}

/** A name that was thought of is taken or refused; one that was made of the title gets a number. */
async function freeName(name: string, isChosen: boolean): Promise<string> {
  for (let number = 1; ; number += 1) {
    const wanted = number === 1 ? name : `${name.slice(0, 95)}-${String(number)}`;
    if (!(await exists(wanted))) return wanted;
    if (isChosen) throw new Problem('already_exists', words.nameTaken);
  }
}

async function exists(name: string): Promise<boolean> {
  try {
    await api.GET('/api/streams/{name}/queue', { params: { path: { name } } });
    return true;
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return false;
    throw error;
  }
}

async function makeStream(
  name: string,
  title: string,
  onMade: (name: string) => Promise<void>,
): Promise<void> {
  const { queue } = await dataOf(
    api.POST('/api/streams/{name}/queue', { params: { path: { name } }, body: { files: [], title } }),
  );
  queryClient.setQueryData(queueQuery(name).queryKey, queue);
  void queryClient.invalidateQueries({ queryKey: keys.streamList });
  await onMade(name);
}
