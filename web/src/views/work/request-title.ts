import type { WorkRequest } from '../../api/types.ts';
import { text } from '../../text/text.ts';

/** What it does, and to what. */
export function requestTitle({ action, filename }: WorkRequest): string {
  const name = text.work.actions[action] ?? action;
  return filename === undefined ? name : text.work.named(name, filename);
}
