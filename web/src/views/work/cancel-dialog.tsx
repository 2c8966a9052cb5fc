import { useMutation } from '@tanstack/react-query';
import { Button } from '../../controls/button.tsx';
import { Dialog } from '../../controls/dialog.tsx';
import { Trouble } from '../../controls/notice.tsx';
import { text } from '../../text/text.ts';
import { cancelRequest } from './steer-request.ts';
import styles from './work.module.css';

const words = text.work;

interface CancelDialogProps {
  readonly id: string;
  readonly title: string;
  readonly onClose: () => void;
}

/** Asks first: an upload or a long text would have to be given again. */
export function CancelDialog({ id, title, onClose }: CancelDialogProps) {
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => cancelRequest(id),
    onSuccess: onClose,
  });
  return (
    <Dialog title={words.askCancel} onClose={onClose}>
      <p className={styles['asked']}>{title}</p>
      <p>{words.cancelMeans}</p>
      {error !== null && <Trouble error={error} />}
      <div className={styles['answers']}>
        <Button onClick={onClose}>{words.goOn}</Button>
        <Button kind="danger" disabled={isPending} onClick={() => mutate()}>
          {words.cancelIt}
        </Button>
      </div>
    </Dialog>
  );
}
