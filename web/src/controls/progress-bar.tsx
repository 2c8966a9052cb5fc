import styles from './progress-bar.module.css';

interface ProgressBarProps {
  readonly label: string;
  /** 0 to 100; undefined while nobody can tell. */
  readonly percentage: number | undefined;
}

export const ProgressBar = ({ label, percentage }: ProgressBarProps) => (
  <progress className={styles['bar']} aria-label={label} max={100} value={percentage} />
);
