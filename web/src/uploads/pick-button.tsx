import { useRef } from 'react';
import { Button } from '../controls/button.tsx';
import { Icon } from '../controls/icon.tsx';
import { ACCEPTED } from './accepted-files.ts';
import { uploads } from './upload-store.ts';

interface PickButtonProps {
  readonly label: string;
  readonly kind?: 'primary' | 'plain';
}

/** The platform's own picker: files, from wherever the device has them. */
export function PickButton({ label, kind = 'plain' }: PickButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button kind={kind} onClick={() => input.current?.click()}>
        <Icon name="upload" />
        {label}
      </Button>
      <input
        ref={input}
        type="file"
        multiple
        accept={ACCEPTED}
        hidden
        onChange={({ target }) => {
          uploads.add([...(target.files ?? [])]);
          // So that the same file can be chosen again.
          target.value = '';
        }}
      />
    </>
  );
}
