import { useState } from 'react';
import { currentTheme, setTheme, THEMES } from '../../controls/theme.ts';
import { text } from '../../text/text.ts';
import { Choices } from './choices.tsx';
import styles from './settings.module.css';

const words = text.settings.theme;

export function ThemeChoice() {
  const [theme, setShown] = useState(currentTheme);
  return (
    <div className={styles['block']}>
      <Choices
        legend={words.title}
        name="theme"
        options={THEMES.map((value) => ({ value, label: words[value] }))}
        value={theme}
        onChoose={(value) => {
          setTheme(value);
          setShown(value);
        }}
      />
      <p className={styles['hint']}>{words.hint}</p>
    </div>
  );
}
