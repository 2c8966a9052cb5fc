import { useRef, useState, type RefObject } from 'react';
import { text } from '../text/text.ts';

const words = text.shell.copy;

interface Copying {
  /** Of what the field stands in. */
  readonly frame: RefObject<HTMLDivElement | null>;
  readonly copy: () => void;
  /** What came of it; null before, and when the value is another by now. */
  readonly said: string | null;
}

/** Copies what a field shows. Without https there is no clipboard: it is marked then, to be copied by hand. */
export function useCopy(value: string): Copying {
  const frame = useRef<HTMLDivElement>(null);
  const [copied, setCopied] = useState<{ readonly value: string; readonly said: string } | null>(null);

  async function copy(): Promise<void> {
    frame.current?.querySelector<HTMLInputElement | HTMLTextAreaElement>('input, textarea')?.select();
    setCopied({ value, said: (await isCopied(value)) ? words.done : words.byHand });
  }

  return { frame, copy: () => void copy(), said: copied?.value === value ? copied.said : null };
}

async function isCopied(value: string): Promise<boolean> {
  if (!window.isSecureContext) return false;
  try {
    await navigator.clipboard.writeText(value);
    return true;
  } catch {
    // Refused by the person or the browser: the field is marked all the same.
    return false;
  }
}
