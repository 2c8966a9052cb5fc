import { useId, type ComponentProps, type ReactNode } from 'react';
import styles from './field.module.css';

interface FrameProps {
  readonly label: string;
  readonly hint?: string | undefined;
  /** What is wrong with what was typed. */
  readonly error?: string | undefined;
}

function Frame({
  id,
  label,
  hint,
  error,
  children,
}: FrameProps & { readonly id: string; readonly children: ReactNode }) {
  return (
    <div className={styles['field']}>
      <label htmlFor={id}>{label}</label>
      {children}
      {hint !== undefined && (
        <p id={`${id}-hint`} className={styles['hint']}>
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p id={`${id}-error`} className={styles['error']}>
          {error}
        </p>
      )}
    </div>
  );
}

const describedBy = (id: string, { hint, error }: FrameProps) =>
  [hint !== undefined && `${id}-hint`, error !== undefined && `${id}-error`].filter(Boolean).join(' ') ||
  undefined;

type InputProps = FrameProps & Omit<ComponentProps<'input'>, 'className' | 'id'>;

export function TextField({ label, hint, error, ...rest }: InputProps) {
  const id = useId();
  const frame = { label, hint, error };
  return (
    <Frame id={id} {...frame}>
      <input
        id={id}
        className={styles['input']}
        aria-invalid={error !== undefined}
        aria-describedby={describedBy(id, frame)}
        {...rest}
      />
    </Frame>
  );
}

type AreaProps = FrameProps & Omit<ComponentProps<'textarea'>, 'className' | 'id'>;

export function TextArea({ label, hint, error, ...rest }: AreaProps) {
  const id = useId();
  const frame = { label, hint, error };
  return (
    <Frame id={id} {...frame}>
      <textarea
        id={id}
        className={styles['input']}
        aria-invalid={error !== undefined}
        aria-describedby={describedBy(id, frame)}
        {...rest}
      />
    </Frame>
  );
}

type SelectProps = FrameProps & Omit<ComponentProps<'select'>, 'className' | 'id'>;

export function SelectField({ label, hint, error, ...rest }: SelectProps) {
  const id = useId();
  const frame = { label, hint, error };
  return (
    <Frame id={id} {...frame}>
      <select id={id} className={styles['input']} aria-describedby={describedBy(id, frame)} {...rest} />
    </Frame>
  );
}
