import { Dialog } from '../../../controls/dialog.tsx';
import { text } from '../../../text/text.ts';
import { HeardText } from './heard-text.tsx';

const words = text.work.writing;

interface HeardTextDialogProps {
  readonly requestId: string;
  readonly onClose: () => void;
}

/** What was written down earlier. What the recording was called is not kept either. */
export const HeardTextDialog = ({ requestId, onClose }: HeardTextDialogProps) => (
  <Dialog title={words.heard} onClose={onClose}>
    <HeardText requestId={requestId} name={words.unnamed} />
  </Dialog>
);
