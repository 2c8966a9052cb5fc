import { useMutation } from '@tanstack/react-query';
import { useState, type SubmitEvent } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { queryClient } from '../../api/query-client.ts';
import type { ApiKey } from '../../api/types.ts';
import { Button } from '../../controls/button.tsx';
import { CopyField } from '../../controls/copy-field.tsx';
import { Dialog } from '../../controls/dialog.tsx';
import { SelectField, TextField } from '../../controls/field.tsx';
import { formText } from '../../controls/form-text.ts';
import { Trouble } from '../../controls/notice.tsx';
import { DAY_MS } from '../../text/measures.ts';
import { text } from '../../text/text.ts';
import styles from './settings.module.css';

const words = text.settings.apiKeys;
const SCOPES = ['play', 'read', 'write', 'admin'] as const satisfies ApiKey['scopes'];
const DAYS = [30, 90, 365];

interface NewKeyDialogProps {
  readonly isAdmin: boolean;
  readonly onClose: () => void;
}

/** Makes a key, and shows it this once. */
export function NewKeyDialog({ isAdmin, onClose }: NewKeyDialogProps) {
  const [hasNoScope, setNoScope] = useState(false);
  const make = useMutation({
    mutationFn: async (body: { name: string; scopes: ApiKey['scopes']; expires_at?: string }) =>
      dataOf(api.POST('/api/user/keys', { body })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.apiKeys }),
  });

  function submit(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const chosen = data.getAll('scope');
    const scopes = SCOPES.filter((scope) => chosen.includes(scope));
    setNoScope(scopes.length === 0);
    if (scopes.length === 0) return;
    const days = Number(formText(data, 'days'));
    make.mutate({
      name: formText(data, 'name').trim(),
      scopes,
      ...(days > 0 && { expires_at: new Date(Date.now() + days * DAY_MS).toISOString() }),
    });
  }

  if (make.data !== undefined) return <MadeKey apiKey={make.data.key} onClose={onClose} />;
  return (
    <Dialog title={words.make} onClose={onClose}>
      <form className={styles['block']} onSubmit={submit}>
        <TextField
          label={words.name}
          hint={words.nameHint}
          name="name"
          maxLength={100}
          autoComplete="off"
          required
          data-first-focus
        />
        <fieldset className={styles['choices']} aria-describedby={hasNoScope ? 'no-scope' : undefined}>
          <legend>{words.scopes}</legend>
          {SCOPES.filter((scope) => scope !== 'admin' || isAdmin).map((scope) => (
            <label key={scope} className={styles['tick']}>
              <input type="checkbox" name="scope" value={scope} defaultChecked={scope === 'play'} />
              {words.scope[scope]}
            </label>
          ))}
          {hasNoScope && (
            <p id="no-scope" className={styles['wrong']} role="alert">
              {words.noScope}
            </p>
          )}
        </fieldset>
        <SelectField label={words.expires} name="days" defaultValue="365">
          {DAYS.map((days) => (
            <option key={days} value={days}>
              {words.days(days)}
            </option>
          ))}
          <option value="0">{words.never}</option>
        </SelectField>
        {make.error !== null && <Trouble error={make.error} />}
        <Button kind="primary" type="submit" disabled={make.isPending}>
          {words.submit}
        </Button>
      </form>
    </Dialog>
  );
}

const MadeKey = ({ apiKey, onClose }: { readonly apiKey: string; readonly onClose: () => void }) => (
  <Dialog title={words.madeTitle} onClose={onClose}>
    <p>{words.shownOnce}</p>
    <CopyField label={words.madeTitle} value={apiKey} />
    <div className={styles['answers']}>
      <Button kind="primary" onClick={onClose}>
        {words.done}
      </Button>
    </div>
  </Dialog>
);
