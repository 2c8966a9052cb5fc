import { useMutation } from '@tanstack/react-query';
import { useRef, useState, type SubmitEvent } from 'react';
import { api } from '../../api/client.ts';
import { faultOf } from '../../api/problem.ts';
import { Button } from '../../controls/button.tsx';
import { TextField } from '../../controls/field.tsx';
import { formText } from '../../controls/form-text.ts';
import { Trouble } from '../../controls/notice.tsx';
import { toasts } from '../../controls/toast-store.ts';
import { text } from '../../text/text.ts';
import styles from './settings.module.css';

const words = text.settings.password;
export const MIN_PASSWORD = 8;

/** The own password. */
export function PasswordForm({ username }: { readonly username: string }) {
  const form = useRef<HTMLFormElement>(null);
  const [differs, setDiffers] = useState(false);
  const change = useMutation({
    mutationFn: async (body: { current: string; new: string }) => api.POST('/api/user/password', { body }),
    onSuccess: () => {
      form.current?.reset();
      toasts.show(words.done);
    },
  });
  const { error } = change;
  const wrong = (field: string) => faultOf(error, field);

  function submit(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const next = formText(data, 'new');
    const isSame = next === formText(data, 'again');
    setDiffers(!isSame);
    if (isSame) change.mutate({ current: formText(data, 'current'), new: next });
  }

  return (
    <form ref={form} className={styles['block']} onSubmit={submit}>
      <h3>{words.title}</h3>
      {/* For password keepers, which want to know whose it is. */}
      <input type="hidden" name="username" autoComplete="username" value={username} readOnly />
      <TextField
        label={words.current}
        name="current"
        type="password"
        autoComplete="current-password"
        required
        error={wrong('current')}
      />
      <TextField
        label={words.next}
        name="new"
        type="password"
        autoComplete="new-password"
        minLength={MIN_PASSWORD}
        hint={words.hint}
        required
        error={wrong('new')}
      />
      <TextField
        label={words.again}
        name="again"
        type="password"
        autoComplete="new-password"
        required
        error={differs ? words.differs : undefined}
      />
      {error !== null && wrong('current') === undefined && wrong('new') === undefined && (
        <Trouble error={error} />
      )}
      <div>
        <Button type="submit" disabled={change.isPending}>
          {words.submit}
        </Button>
      </div>
    </form>
  );
}
