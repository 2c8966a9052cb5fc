import { useState } from 'react';
import { ownAddress } from '../../api/own-address.ts';
import type { PlayMode } from '../../api/types.ts';
import { CopyField } from '../../controls/copy-field.tsx';
import { SelectField } from '../../controls/field.tsx';
import { text } from '../../text/text.ts';
import type { MadeLink } from '../links/playback-links.ts';
import { addressesOf, SLEEPING, type AddressKind } from './addresses-of-link.ts';
import { QrCode } from './qr-code.tsx';
import styles from './share.module.css';

const words = text.streams.share;
const KINDS: readonly AddressKind[] = ['listen', 'player', 'podcast', 'hls', 'm3u', 'pls'];

const SLEEP_MINUTES = [15, 30, 45, 60, 90];

/** One link, for whatever is to play it: its address to be copied, or read by a camera. */
export function LinkAddresses({ link, playMode }: { readonly link: MadeLink; readonly playMode: PlayMode }) {
  const [kind, setKind] = useState<AddressKind>('listen');
  const [sleepS, setSleepS] = useState<number>();
  const addresses = addressesOf(link.url, link.token, playMode, sleepS);
  const address = addresses[kind];
  return (
    <>
      <SelectField
        label={words.for}
        hint={words.hints[kind]}
        value={kind}
        onChange={({ target }) => setKind(KINDS.find((one) => one === target.value) ?? 'listen')}
      >
        {KINDS.map((one) => (
          <option key={one} value={one}>
            {words.kinds[one]}
          </option>
        ))}
      </SelectField>
      {SLEEPING.has(kind) && (
        <SelectField
          label={words.sleep}
          value={sleepS ?? ''}
          onChange={({ target: { value } }) => setSleepS(value === '' ? undefined : Number(value))}
        >
          <option value="">{words.never}</option>
          {SLEEP_MINUTES.map((minutes) => (
            <option key={minutes} value={minutes * 60}>
              {words.minutes(minutes)}
            </option>
          ))}
        </SelectField>
      )}
      <CopyField label={words.address} value={address} />
      <QrCode value={address} label={words.qr} />
      <p className={styles['about']}>{words.once}</p>
      <p className={styles['downloads']}>
        <a href={new URL(addresses.listen).pathname} target="_blank" rel="noreferrer">
          {words.open}
        </a>
        <a href={ownAddress(addresses.m3u)} download>
          {words.m3u}
        </a>
        <a href={ownAddress(addresses.pls)} download>
          {words.pls}
        </a>
      </p>
    </>
  );
}
