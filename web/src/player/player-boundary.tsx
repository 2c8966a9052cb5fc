import { Component, type ReactNode } from 'react';
import { Button } from '../controls/button.tsx';
import { text } from '../text/text.ts';
import styles from './player-bar.module.css';

interface State {
  readonly hasFailed: boolean;
}

/** Keeps a player that cannot be shown from taking the whole page with it. In React only a class can. */
export class PlayerBoundary extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { hasFailed: false };

  static getDerivedStateFromError(): State {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <section className={styles['bar']} aria-label={text.player.name} data-player>
        <p role="alert" className={styles['words']}>
          {text.player.cannotShow}
        </p>
        <Button onClick={() => this.setState({ hasFailed: false })}>{text.shell.again}</Button>
      </section>
    );
  }
}
