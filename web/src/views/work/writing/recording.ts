import { formText } from '../../../controls/form-text.ts';
import { parseDuration } from '../../../text/measures.ts';
import { text } from '../../../text/text.ts';

const words = text.work.writing;

/** What is to be written down. */
export interface Recording {
  readonly file: File;
  /** BCP 47; '' lets the engine find out. */
  readonly language: string;
  /** Undefined: from its beginning, to its end. NaN: what was typed is no time. */
  readonly fromS: number | undefined;
  readonly toS: number | undefined;
}

/** What is wrong with it, by the field. */
export interface Faults {
  readonly file?: string;
  readonly from?: string;
  readonly to?: string;
}

/** @returns null while no file is chosen */
export function recordingOf(form: FormData): Recording | null {
  const file = form.get('file');
  if (!(file instanceof File) || file.name === '') return null;
  const seconds = (name: string): number | undefined => {
    const typed = formText(form, name).trim();
    return typed === '' ? undefined : parseDuration(typed);
  };
  return { file, language: formText(form, 'language'), fromS: seconds('from'), toS: seconds('to') };
}

export function faultsOf({ file, fromS = 0, toS = Infinity }: Recording): Faults {
  return {
    ...(file.size === 0 && { file: text.library.uploads.emptyFile }),
    ...(Number.isNaN(fromS) && { from: words.noTime }),
    ...(Number.isNaN(toS) && { to: words.noTime }),
    ...(toS <= fromS && { to: words.endsBefore }),
  };
}
