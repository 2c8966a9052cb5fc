import type { ComponentProps } from 'react';
import { SelectField } from '../../controls/field.tsx';
import { LANGUAGES } from '../../text/languages.ts';
import { text } from '../../text/text.ts';

const words = text.library.transcript;

/** BCP 47; '' lets the engine find out. Engines hear better, and sooner, what they are told the language of. */
export const LanguageField = (props: Pick<ComponentProps<'select'>, 'name' | 'value' | 'onChange'>) => (
  <SelectField label={words.language} {...props}>
    <option value="">{words.anyLanguage}</option>
    {LANGUAGES.map(({ code, name }) => (
      <option key={code} value={code}>
        {name}
      </option>
    ))}
  </SelectField>
);
