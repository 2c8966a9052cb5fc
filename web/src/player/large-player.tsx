import { Dialog } from '../controls/dialog.tsx';
import { text } from '../text/text.ts';
import { SeekSlider } from './seek-slider.tsx';
import { Transport } from './transport.tsx';

/** All that there is to what plays. */
export const LargePlayer = ({ onClose }: { readonly onClose: () => void }) => (
  <Dialog title={text.player.large} onClose={onClose}>
    <SeekSlider />
    <Transport size="large" />
  </Dialog>
);
