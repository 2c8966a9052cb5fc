import styles from './settings.module.css';

interface ChoicesProps<Value extends string> {
  readonly legend: string;
  readonly name: string;
  readonly options: readonly { readonly value: Value; readonly label: string }[];
  readonly value: Value;
  readonly onChoose: (value: Value) => void;
}

/** One of a few, all of which are seen. */
export const Choices = <Value extends string>({
  legend,
  name,
  options,
  value: chosen,
  onChoose,
}: ChoicesProps<Value>) => (
  <fieldset className={styles['choices']}>
    <legend>{legend}</legend>
    {options.map(({ value, label }) => (
      <label key={value} className={styles['tick']}>
        <input type="radio" name={name} checked={value === chosen} onChange={() => onChoose(value)} />
        {label}
      </label>
    ))}
  </fieldset>
);
