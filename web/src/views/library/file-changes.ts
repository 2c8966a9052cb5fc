import type { FileInfo } from '../../api/types.ts';
import { formText } from '../../controls/form-text.ts';
import { text } from '../../text/text.ts';

type Told = Pick<FileInfo, 'title' | 'description' | 'tags'>;

const words = text.library.edit;
const isSame = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((one, index) => one === others[index]);

/** What a form makes different of a file: what nobody touched is left to whoever else edits it. */
export function changesOf(form: FormData, { title, description, tags }: Told): Partial<Told> {
  const titleNow = formText(form, 'title');
  // Forms send CR LF.
  const descriptionNow = formText(form, 'description').replaceAll('\r\n', '\n');
  const tagsNow = formText(form, 'tags')
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
  return {
    ...(titleNow !== title && { title: titleNow }),
    ...(descriptionNow !== description.replaceAll('\r\n', '\n') && { description: descriptionNow }),
    ...(!isSame(tagsNow, tags) && { tags: tagsNow }),
  };
}

/** What somebody else made of it, in words. */
export function differencesOf(before: Told, now: Told): readonly string[] {
  const { title, description, tags } = words.now;
  const said: string[] = [];
  if (now.title !== before.title) said.push(title(now.title));
  if (now.description !== before.description) said.push(description(now.description));
  if (!isSame(now.tags, before.tags)) said.push(tags(now.tags));
  return said;
}
