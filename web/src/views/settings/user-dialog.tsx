import { useMutation } from '@tanstack/react-query';
import { useState, type SubmitEvent } from 'react';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { faultOf, Problem } from '../../api/problem.ts';
import { queryClient } from '../../api/query-client.ts';
import type { User } from '../../api/types.ts';
import { Button } from '../../controls/button.tsx';
import { Dialog } from '../../controls/dialog.tsx';
import { TextField } from '../../controls/field.tsx';
import { formText } from '../../controls/form-text.ts';
import { Trouble } from '../../controls/notice.tsx';
import { toasts } from '../../controls/toast-store.ts';
import { text } from '../../text/text.ts';
import { MIN_PASSWORD } from './password-form.tsx';
import { RemoveUser } from './remove-user.tsx';
import styles from './settings.module.css';

const words = text.settings.people;

interface UserDialogProps {
  /** null makes one. */
  readonly user: User | null;
  readonly onClose: () => void;
}

interface UserFields {
  readonly username: string;
  readonly password: string;
  readonly email: string;
  readonly isAdmin: boolean;
  readonly isActive: boolean;
}

/** Adds or changes a user. The server keeps the last administrator from being one no more. */
export function UserDialog({ user, onClose }: UserDialogProps) {
  const [isRemoving, setRemoving] = useState(false);
  const save = useMutation({
    mutationFn: (fields: UserFields) => saveUser(user, fields),
    onSuccess: async (_answer, { username }) => {
      toasts.show(user === null ? words.added(username) : words.saved(user.username));
      onClose();
      await queryClient.invalidateQueries({ queryKey: keys.users });
    },
  });
  const { error } = save;
  const isTaken = error instanceof Problem && error.code === 'already_exists';
  const wrong = (field: string) => faultOf(error, field);
  const isShown = isTaken || ['username', 'password', 'email'].some((field) => wrong(field) !== undefined);

  function submit(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    save.mutate({
      username: formText(data, 'username').trim(),
      password: formText(data, 'password'),
      email: formText(data, 'email').trim(),
      isAdmin: data.has('is_admin'),
      isActive: data.has('is_active'),
    });
  }

  if (user !== null && isRemoving) return <RemoveUser user={user} onClose={onClose} />;
  return (
    <Dialog title={user === null ? words.add : words.editNamed(user.username)} onClose={onClose}>
      <form className={styles['block']} onSubmit={submit}>
        {user === null && (
          <TextField
            label={words.username}
            name="username"
            maxLength={64}
            autoCapitalize="none"
            autoComplete="off"
            required
            error={isTaken ? words.taken : wrong('username')}
            data-first-focus
          />
        )}
        <TextField
          label={user === null ? words.password : words.newPassword}
          hint={user === null ? text.settings.password.hint : words.newPasswordHint}
          name="password"
          type="password"
          autoComplete="new-password"
          minLength={MIN_PASSWORD}
          required={user === null}
          error={wrong('password')}
        />
        <TextField
          label={words.email}
          name="email"
          type="email"
          autoComplete="off"
          defaultValue={user?.email ?? ''}
          error={wrong('email')}
        />
        <label className={styles['tick']}>
          <input type="checkbox" name="is_admin" defaultChecked={user?.is_admin ?? false} />
          {words.isAdmin}
        </label>
        {user !== null && (
          <label className={styles['tick']}>
            <input type="checkbox" name="is_active" defaultChecked={user.is_active} />
            {words.isActive}
          </label>
        )}
        {error !== null && !isShown && <Trouble error={error} />}
        <div className={styles['answers']}>
          {user !== null && (
            <Button kind="danger" onClick={() => setRemoving(true)}>
              {words.remove}
            </Button>
          )}
          <Button kind="primary" type="submit" disabled={save.isPending}>
            {user === null ? words.add : words.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

async function saveUser(user: User | null, fields: UserFields): Promise<void> {
  const { username, password, email, isAdmin, isActive } = fields;
  if (user === null) {
    const body = { username, password, is_admin: isAdmin, ...(email !== '' && { email }) };
    await api.POST('/api/admin/users', { body });
    return;
  }
  // Only what is another: a user's own session ends with some of it.
  const body = {
    ...(password !== '' && { password }),
    ...(email !== (user.email ?? '') && { email: email === '' ? null : email }),
    ...(isAdmin !== user.is_admin && { is_admin: isAdmin }),
    ...(isActive !== user.is_active && { is_active: isActive }),
  };
  await api.PATCH('/api/admin/users/{id}', { params: { path: { id: user.id } }, body });
}
