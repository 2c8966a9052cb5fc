import { useEffect, useRef, useState } from 'react';
import { Icon } from '../../controls/icon.tsx';
import { text } from '../../text/text.ts';
import styles from './library.module.css';

const TYPING_MS = 250;

interface SearchFieldProps {
  /** What the address asks for. */
  readonly question: string;
  readonly onSearch: (question: string) => void;
}

/** Asks as one types, a moment after the last letter; at once with Enter. */
export function SearchField({ question, onSearch }: SearchFieldProps) {
  const [typed, setTyped] = useState(question);
  const [asked, setAsked] = useState(question);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // The address was changed by something else: by going back, by a link.
  if (asked !== question) {
    setAsked(question);
    if (typed.trim() !== question) setTyped(question);
  }
  useEffect(() => () => clearTimeout(timer.current), []);

  const ask = (value: string, afterMs: number): void => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      setAsked(value.trim());
      onSearch(value.trim());
    }, afterMs);
  };
  return (
    <form
      role="search"
      className={styles['search']}
      onSubmit={(event) => {
        event.preventDefault();
        ask(typed, 0);
      }}
    >
      <Icon name="search" />
      <input
        type="search"
        aria-label={text.library.search}
        placeholder={text.library.search}
        autoComplete="off"
        enterKeyHint="search"
        value={typed}
        onChange={({ target }) => {
          setTyped(target.value);
          ask(target.value, TYPING_MS);
        }}
      />
    </form>
  );
}
