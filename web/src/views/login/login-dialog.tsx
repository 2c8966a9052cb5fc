import { Dialog } from '../../controls/dialog.tsx';
import { text } from '../../text/text.ts';
import { LoginForm } from './login-form.tsx';
import styles from './login.module.css';

/** Over whatever was being done when the session ended: it goes on there. */
export const LoginDialog = () => (
  <Dialog title={text.shell.login.title}>
    <p className={styles['hint']}>{text.shell.login.expired}</p>
    <LoginForm onDone={() => undefined} />
  </Dialog>
);
