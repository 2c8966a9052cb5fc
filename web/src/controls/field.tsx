import { useId, type ComponentProps, type ReactNode } from 'react';
import styles from './field.module.css';

interface FrameProps {
  readonly label: string;
  readonly hint?: string | undefined;
  /** What is wrong with what was typed. */
  readonly error?: string | undefined;
}

/** What ties the control to what is said about it. */
type Ties = Pick<ComponentProps<'input'>, 'id' | 'className' | 'aria-invalid' | 'aria-describedby'>;

interface FrameOfProps extends FrameProps {
  readonly children: (ties: Ties) => ReactNode;
}

function Frame({ label, hint, error, children }: FrameOfProps) {
  const id = useId();
  const hintId = hint === undefined ? undefined : `${id}-hint`;
  const errorId = error === undefined ? undefined : `${id}-error`;
  return (
    <div className={styles['field']}>
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        className: styles['input'],
        'aria-invalid': error !== undefined,
        'aria-describedby': [hintId, errorId].filter(Boolean).join(' ') || undefined,
      })}
      {hint !== undefined && (
        <p id={hintId} className={styles['hint']}>
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p id={errorId} className={styles['error']} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

/** A field, and a button on the same line where there is room. */
export const FieldLine = ({ children }: { readonly children: ReactNode }) => (
  <div className={styles['line']}>{children}</div>
);

type FieldProps<Control extends 'input' | 'textarea' | 'select'> = FrameProps &
  Omit<ComponentProps<Control>, 'className' | 'id'>;

export const TextField = ({ label, hint, error, ...rest }: FieldProps<'input'>) => (
  <Frame label={label} hint={hint} error={error}>
    {(ties) => <input {...ties} {...rest} />}
  </Frame>
);

export const TextArea = ({ label, hint, error, ...rest }: FieldProps<'textarea'>) => (
  <Frame label={label} hint={hint} error={error}>
    {(ties) => <textarea {...ties} {...rest} />}
  </Frame>
);

export const SelectField = ({ label, hint, error, ...rest }: FieldProps<'select'>) => (
  <Frame label={label} hint={hint} error={error}>
    {(ties) => <select {...ties} {...rest} />}
  </Frame>
);
