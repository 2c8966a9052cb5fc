import { useMutation } from '@tanstack/react-query';
import { logOut } from '../../api/session.ts';
import type { Session } from '../../api/types.ts';
import { Button } from '../../controls/button.tsx';
import { Icon } from '../../controls/icon.tsx';
import { Trouble } from '../../controls/notice.tsx';
import { toasts } from '../../controls/toast-store.ts';
import { text } from '../../text/text.ts';
import { editsSettled } from '../streams/stream-editing.ts';
import { PasswordForm } from './password-form.tsx';
import styles from './settings.module.css';
import { ThemeChoice } from './theme-choice.tsx';

const words = text.settings;

const SAVING_MS = 5_000;

/** What still waits for an undo is asked for while it may be, and edits that are being saved come to their end. */
async function leaveAll(): Promise<void> {
  await editsSettled(SAVING_MS);
  await toasts.settle();
  await logOut();
}

export function AccountSection({ session: { user, kind } }: { readonly session: Session }) {
  const leave = useMutation({ mutationFn: leaveAll });
  const hasAccount = kind !== 'local';
  return (
    <>
      <p>{hasAccount ? words.loggedInAs(user.username) : words.noAccounts}</p>
      <ThemeChoice />
      {hasAccount && (
        <>
          <PasswordForm username={user.username} />
          <div className={styles['block']}>
            <div>
              <Button disabled={leave.isPending} onClick={() => leave.mutate()}>
                <Icon name="logOut" /> {words.logOut}
              </Button>
            </div>
            <p className={styles['hint']}>{words.logOutHint}</p>
            {leave.error !== null && <Trouble error={leave.error} />}
          </div>
        </>
      )}
    </>
  );
}
