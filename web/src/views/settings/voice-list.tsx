import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { voicesQuery } from '../../api/voices.ts';
import { IconButton } from '../../controls/button.tsx';
import { TextField } from '../../controls/field.tsx';
import { Icon } from '../../controls/icon.tsx';
import { Trouble } from '../../controls/notice.tsx';
import { text } from '../../text/text.ts';
import { useVoiceTrials } from '../library/voice-trial.tsx';
import { Facts } from './facts.tsx';
import styles from './settings.module.css';
import voiceStyles from './voice-list.module.css';

const words = text.settings.engines;

interface VoiceListProps {
  readonly count: number | undefined;
  readonly standard: string | undefined;
}

/** How many voices there are, and each of them to be heard. */
export function VoiceList({ count, standard }: VoiceListProps) {
  const [isOpen, setOpen] = useState(false);
  const [wanted, setWanted] = useState('');
  const { data, error } = useQuery({ ...voicesQuery, enabled: isOpen });
  const { hear, asked, sound } = useVoiceTrials();
  const found = data?.voices.filter(({ id, name, language }) =>
    `${id} ${name} ${language}`.toLowerCase().includes(wanted.trim().toLowerCase()),
  );
  return (
    <>
      <Facts
        facts={[
          [
            words.voices,
            [
              count !== undefined && words.voiceCount(count),
              standard !== undefined && words.defaultVoice(standard),
            ]
              .filter((part) => part !== false)
              .join('; '),
          ],
        ]}
      />
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary className={styles['summary']}>{words.showVoices}</summary>
        {error !== null && <Trouble error={error} />}
        {isOpen && (
          <TextField
            label={words.findVoice}
            type="search"
            value={wanted}
            onChange={({ currentTarget }) => setWanted(currentTarget.value)}
          />
        )}
        {found?.length === 0 && <p role="status">{words.noVoice}</p>}
        <ul className={styles['voices']}>
          {found?.map(({ id, name, language }) => (
            <li key={id} className={voiceStyles['voice']}>
              <IconButton label={words.hear(name)} aria-busy={asked === id} onClick={() => void hear(id)}>
                <Icon name="speak" />
              </IconButton>
              <span className={voiceStyles['name']}>
                {name} <span className={styles['hint']}>{language}</span>
              </span>
            </li>
          ))}
        </ul>
        {sound}
        <p className="visually-hidden" role="status">
          {asked !== null && text.library.speech.tryingVoice}
        </p>
      </details>
    </>
  );
}
