import { useRouter } from '@tanstack/react-router';
import { useTitle } from '../../controls/use-title.ts';
import { loginRoute } from '../../router.tsx';
import { text } from '../../text/text.ts';
import { LoginForm } from './login-form.tsx';
import styles from './login.module.css';

export function LoginView() {
  useTitle(text.shell.login.title);
  const router = useRouter();
  const { next = '/library' } = loginRoute.useSearch();
  return (
    <main className={styles['view']}>
      <h1>{text.shell.name}</h1>
      <LoginForm onDone={() => router.history.push(next)} />
      <p className={styles['hint']}>{text.shell.login.hint}</p>
    </main>
  );
}
