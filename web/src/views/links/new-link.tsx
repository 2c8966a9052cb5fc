import { useState } from 'react';
import { Button } from '../../controls/button.tsx';
import { FieldLine, SelectField } from '../../controls/field.tsx';
import { Icon } from '../../controls/icon.tsx';
import { DAY_MS } from '../../text/measures.ts';
import { text } from '../../text/text.ts';

const words = text.links;
const SPANS_MS: Readonly<Record<string, number | undefined>> = {
  ever: undefined,
  day: DAY_MS,
  month: 30 * DAY_MS,
  year: 365 * DAY_MS,
};

interface NewLinkProps {
  readonly label: string;
  readonly kind?: 'primary' | 'plain';
  /** @param expiresAt ISO 8601; undefined for a link that opens until it is revoked */
  readonly onMake: (expiresAt: string | undefined) => Promise<void>;
}

/** Makes a playback link, for ever or for a while. */
export function NewLink({ label, kind = 'plain', onMake }: NewLinkProps) {
  const [span, setSpan] = useState('ever');
  const [isBusy, setBusy] = useState(false);

  async function make(): Promise<void> {
    const spanMs = SPANS_MS[span];
    setBusy(true);
    try {
      await onMake(spanMs === undefined ? undefined : new Date(Date.now() + spanMs).toISOString());
    } finally {
      setBusy(false);
    }
  }

  return (
    <FieldLine>
      <SelectField label={words.opensFor} value={span} onChange={({ target }) => setSpan(target.value)}>
        {Object.entries(words.spans).map(([key, name]) => (
          <option key={key} value={key}>
            {name}
          </option>
        ))}
      </SelectField>
      <Button kind={kind} disabled={isBusy} onClick={() => void make()}>
        <Icon name="link" />
        {label}
      </Button>
    </FieldLine>
  );
}
