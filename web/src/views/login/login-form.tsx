import { useState, type SubmitEvent } from 'react';
import { messageOf, Problem } from '../../api/problem.ts';
import { logIn } from '../../api/session.ts';
import { Button } from '../../controls/button.tsx';
import { TextField } from '../../controls/field.tsx';
import { formText } from '../../controls/form-text.ts';
import { text } from '../../text/text.ts';
import styles from './login.module.css';

const words = text.shell.login;

interface LoginFormProps {
  readonly onDone: () => void;
}

export function LoginForm({ onDone }: LoginFormProps) {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function submit(event: SubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(null);
    try {
      await logIn(formText(form, 'username'), formText(form, 'password'));
      onDone();
    } catch (error) {
      setProblem(error instanceof Problem && error.status === 401 ? words.wrong : messageOf(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form className={styles['form']} onSubmit={(event) => void submit(event)}>
      <TextField
        label={words.username}
        name="username"
        data-first-focus
        autoComplete="username"
        autoCapitalize="none"
        required
      />
      <TextField
        label={words.password}
        name="password"
        type="password"
        autoComplete="current-password"
        required
        error={problem ?? undefined}
      />
      <Button kind="primary" type="submit" disabled={isBusy}>
        {words.submit}
      </Button>
    </form>
  );
}
