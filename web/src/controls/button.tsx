import type { ComponentProps, ReactNode } from 'react';
import styles from './button.module.css';

interface ButtonProps extends Omit<ComponentProps<'button'>, 'className'> {
  readonly kind?: 'primary' | 'plain' | 'danger' | 'quiet';
}

/** A button of words, at least as large as a thumb. */
export const Button = ({ kind = 'plain', type = 'button', ...rest }: ButtonProps) => (
  <button type={type} className={`${styles['button'] ?? ''} ${styles[kind] ?? ''}`} {...rest} />
);

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'className' | 'aria-label' | 'children'> {
  /** What it does, for who does not see the picture. */
  readonly label: string;
  readonly children: ReactNode;
}

export const IconButton = ({ label, type = 'button', children, ...rest }: IconButtonProps) => (
  <button type={type} className={styles['icon']} aria-label={label} title={label} {...rest}>
    {children}
  </button>
);
