import { useMutation } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { queryClient } from '../../api/query-client.ts';
import type { User } from '../../api/types.ts';
import { Button } from '../../controls/button.tsx';
import { Dialog } from '../../controls/dialog.tsx';
import { Trouble } from '../../controls/notice.tsx';
import { toasts } from '../../controls/toast-store.ts';
import { text } from '../../text/text.ts';
import styles from './settings.module.css';

const words = text.settings.people;

interface RemoveUserProps {
  readonly user: User;
  readonly onClose: () => void;
}

/** Asks first: keys and positions cannot be brought back. */
export function RemoveUser({ user: { id, username }, onClose }: RemoveUserProps) {
  const remove = useMutation({
    mutationFn: async () => api.DELETE('/api/admin/users/{id}', { params: { path: { id } } }),
    onSuccess: async () => {
      toasts.show(words.removed(username));
      onClose();
      await queryClient.invalidateQueries({ queryKey: keys.users });
    },
  });
  return (
    <Dialog title={words.remove} onClose={onClose}>
      <p>{words.removeMeans(username)}</p>
      {remove.error !== null && <Trouble error={remove.error} />}
      <div className={styles['answers']}>
        <Button onClick={onClose} data-first-focus>
          {text.shell.cancel}
        </Button>
        <Button kind="danger" disabled={remove.isPending} onClick={() => remove.mutate()}>
          {words.reallyRemove(username)}
        </Button>
      </div>
    </Dialog>
  );
}
