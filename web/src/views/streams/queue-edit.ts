import type { PlayMode, Queue } from '../../api/types.ts';

export interface StreamSettings {
  readonly play_mode?: PlayMode;
  /** Empty takes it away. */
  readonly title?: string;
  readonly persistence?: 'permanent' | 'session';
  /** Seconds from now. */
  readonly ttl_s?: number;
}

/** What a person did to a stream, said so that it can be done to a newer version of it too. */
export type QueueEdit =
  | { readonly kind: 'move'; readonly filename: string; readonly from: number; readonly to: number }
  | { readonly kind: 'insert'; readonly filenames: readonly string[]; readonly index: number | 'end' }
  | { readonly kind: 'remove'; readonly filenames: readonly string[]; readonly index: number }
  | { readonly kind: 'settings'; readonly to: StreamSettings };

/** The edit as it is for this queue, in which things may have other places; null where it makes no sense any more. */
export function fitEdit(edit: QueueEdit, { files }: Pick<Queue, 'files'>): QueueEdit | null {
  switch (edit.kind) {
    case 'move': {
      const from = nearest(files, edit.filename, edit.from);
      const to = Math.max(0, Math.min(edit.to, files.length - 1));
      return from === null || from === to ? null : { ...edit, from, to };
    }
    case 'insert':
      return edit.index === 'end' || edit.index <= files.length ? edit : { ...edit, index: 'end' };
    case 'remove': {
      const index = nearestRun(files, edit.filenames, edit.index);
      return index === null ? null : { ...edit, index };
    }
    case 'settings':
      return edit;
  }
}

/** @param edit that fits */
export function applyEdit(edit: QueueEdit, queue: Queue): Queue {
  switch (edit.kind) {
    case 'move': {
      const files = [...queue.files];
      files.splice(edit.to, 0, ...files.splice(edit.from, 1));
      return { ...queue, files };
    }
    case 'insert': {
      const at = edit.index === 'end' ? queue.files.length : edit.index;
      const files = queue.files.toSpliced(at, 0, ...edit.filenames);
      return { ...queue, files, file_count: files.length };
    }
    case 'remove': {
      const files = queue.files.toSpliced(edit.index, edit.filenames.length);
      return { ...queue, files, file_count: files.length };
    }
    case 'settings':
      return applySettings(edit.to, queue);
  }
}

function applySettings({ play_mode, title, persistence, ttl_s }: StreamSettings, queue: Queue): Queue {
  const { title: titleBefore, expires_at: expiryBefore, ...rest } = queue;
  const titleNow = title ?? titleBefore;
  const expiry = ttl_s === undefined ? undefined : new Date(Date.now() + ttl_s * 1000).toISOString();
  const expiresNow = persistence === undefined ? (expiry ?? expiryBefore) : expiry;
  return {
    ...rest,
    play_mode: play_mode ?? queue.play_mode,
    persistence: ttl_s === undefined ? (persistence ?? queue.persistence) : 'session',
    ...(titleNow !== undefined && titleNow !== '' && { title: titleNow }),
    ...(expiresNow !== undefined && { expires_at: expiresNow }),
  };
}

/** What takes it back. @param before the queue that it fits to, without it */
export function inverseOf(edit: QueueEdit, before: Queue): QueueEdit {
  switch (edit.kind) {
    case 'move':
      return { ...edit, from: edit.to, to: edit.from };
    case 'insert':
      return {
        kind: 'remove',
        filenames: edit.filenames,
        index: edit.index === 'end' ? before.files.length : edit.index,
      };
    case 'remove':
      return { kind: 'insert', filenames: edit.filenames, index: edit.index };
    case 'settings':
      return { kind: 'settings', to: settingsBefore(edit.to, before) };
  }
}

function settingsBefore(changed: StreamSettings, before: Queue): StreamSettings {
  const isLifetime = changed.persistence !== undefined || changed.ttl_s !== undefined;
  const leftS =
    before.expires_at === undefined
      ? undefined
      : Math.max(1, Math.round((Date.parse(before.expires_at) - Date.now()) / 1000));
  return {
    ...(changed.play_mode !== undefined && { play_mode: before.play_mode }),
    ...(changed.title !== undefined && { title: before.title ?? '' }),
    ...(isLifetime && { persistence: before.persistence, ...(leftS !== undefined && { ttl_s: leftS }) }),
  };
}

/** Whether nothing that a person sets differs. */
export const isSameContent = (one: Queue, other: Queue): boolean =>
  one.play_mode === other.play_mode &&
  (one.title ?? '') === (other.title ?? '') &&
  one.persistence === other.persistence &&
  one.files.length === other.files.length &&
  one.files.every((filename, index) => filename === other.files[index]);

function nearest(files: readonly string[], filename: string, index: number): number | null {
  let found: number | null = null;
  files.forEach((one, at) => {
    if (one !== filename) return;
    if (found === null || Math.abs(at - index) < Math.abs(found - index)) found = at;
  });
  return found;
}

function nearestRun(files: readonly string[], run: readonly string[], index: number): number | null {
  const isAt = (at: number): boolean => run.every((filename, offset) => files[at + offset] === filename);
  let found: number | null = null;
  for (let at = 0; at + run.length <= files.length; at += 1) {
    if (!isAt(at)) continue;
    if (found === null || Math.abs(at - index) < Math.abs(found - index)) found = at;
  }
  return found;
}
