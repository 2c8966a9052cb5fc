import { useState } from 'react';
import { SelectField } from '../controls/field.tsx';
import { formatDuration } from '../text/measures.ts';
import { text } from '../text/text.ts';
import { player } from './player.ts';
import { isLive } from './player-state.ts';
import { canSetVolume } from './player-taste.ts';
import styles from './player-choices.module.css';
import { usePlayer } from './use-player.ts';

const words = text.player;

const RATES = [0.75, 1, 1.25, 1.5, 1.75, 2];
const MINUTES = [5, 15, 30, 45, 60, 90];

/** How fast, how long and how loud. */
export function PlayerChoices() {
  const state = usePlayer();
  const { rate, sleep, sleepEndS, positionS, volume } = state;
  const [hasVolume] = useState(canSetVolume);
  return (
    <div className={styles['choices']}>
      <SelectField
        label={words.sleep}
        hint={sleepEndS === null ? words.sleepHint : words.sleepLeft(formatDuration(sleepEndS - positionS))}
        value={String(sleep ?? '')}
        onChange={({ currentTarget: { value } }) =>
          player.setSleep(value === '' ? null : value === 'track' ? value : Number(value))
        }
      >
        <option value="">{words.sleepOff}</option>
        <option value="track">{words.sleepTrack}</option>
        {MINUTES.map((minutes) => (
          <option key={minutes} value={minutes}>
            {words.sleepMinutes(minutes)}
          </option>
        ))}
      </SelectField>
      {!isLive(state) && (
        <SelectField
          label={words.speed}
          value={rate}
          onChange={({ currentTarget: { value } }) => player.setRate(Number(value))}
        >
          {RATES.map((one) => (
            <option key={one} value={one}>
              {words.speedOf(one)}
            </option>
          ))}
        </SelectField>
      )}
      {hasVolume && (
        <label className={styles['volume']}>
          {words.volume}
          <input
            type="range"
            min={0}
            max={1}
            step={0.05}
            value={volume}
            aria-valuetext={`${String(Math.round(volume * 100))} %`}
            onChange={({ currentTarget: { value } }) => player.setVolume(Number(value))}
          />
        </label>
      )}
    </div>
  );
}
