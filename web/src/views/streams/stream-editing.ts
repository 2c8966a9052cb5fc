import { keys } from '../../api/keys.ts';
import { Problem } from '../../api/problem.ts';
import { queryClient } from '../../api/query-client.ts';
import type { Queue } from '../../api/types.ts';
import { toasts } from '../../controls/toast-store.ts';
import { text } from '../../text/text.ts';
import { detailsQuery } from './part-details.ts';
import { applyEdit, fitEdit, inverseOf, isSameContent, type QueueEdit } from './queue-edit.ts';
import { saveEdit } from './save-edit.ts';
import { queueQuery } from './stream-queries.ts';

const words = text.streams;

interface Made {
  readonly edit: QueueEdit;
  /** In words, for who wants to take it back or do it again. */
  readonly said: string;
}

export interface EditingState {
  /** Seen already, not yet saved. */
  readonly pending: readonly Made[];
  /** What could not be saved because somebody else was sooner. */
  readonly lost: readonly Made[];
  /** Why nothing is saved at the moment. */
  readonly trouble: Problem | null;
  /** What can be taken back, the newest last. */
  readonly done: readonly Made[];
}

/** Of answers that say "later": too many at once, too slow, too early. */
const LATER: ReadonlySet<number> = new Set([408, 425, 429]);
const LATER_MS = 3_000;

const NOTHING: EditingState = { pending: [], lost: [], trouble: null, done: [] };

/**
 * The edits of one stream. They are seen at once, and saved one after the other, each only if the stream is as it was
 * seen. What cannot be saved just now is kept, whatever becomes of the view: a login or the network brings it on.
 */
class StreamEditing {
  readonly #name: string;
  #state = NOTHING;
  #isSaving = false;
  #toast: number | null = null;
  readonly #listeners = new Set<() => void>();

  constructor(name: string) {
    this.#name = name;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly getState = (): EditingState => this.#state;

  /** @returns whether it was possible */
  make(edit: QueueEdit, said: string): boolean {
    const before = this.#shown();
    const fitting = before && fitEdit(edit, before);
    if (!before || !fitting) return false;
    const back: Made = { edit: inverseOf(fitting, before), said };
    this.#change({
      pending: [...this.#state.pending, { edit: fitting, said }],
      done: [...this.#state.done, back],
    });
    this.#say(said, () => this.#takeBack(back));
    void this.#save();
    return true;
  }

  undoLast(): void {
    const last = this.#state.done.at(-1);
    if (last !== undefined) this.#takeBack(last);
  }

  /** Makes what was lost again, on top of what somebody else made. */
  makeLostAgain(): void {
    const { lost } = this.#state;
    this.#change({ lost: [] });
    const made = lost.filter(({ edit, said }) => this.make(edit, said));
    if (made.length < lost.length) this.#say(words.conflict.impossible);
  }

  leaveLost(): void {
    this.#change({ lost: [] });
  }

  retry(): void {
    if (this.#state.trouble === null) return;
    this.#change({ trouble: null });
    void this.#save();
  }

  /**
   * When all that was made here is saved.
   * @returns the stream as it is then; undefined when somebody else was sooner, or it is not known here
   */
  settled(): Promise<Queue | undefined> {
    const { pending, lost } = this.#state;
    if (pending.length === 0) return Promise.resolve(this.#server());
    return new Promise((resolve) => {
      const stop = this.subscribe(() => {
        if (this.#state.pending.length > 0) return;
        stop();
        resolve(this.#state.lost === lost ? this.#server() : undefined);
      });
    });
  }

  /** Takes its message away: an undo of an edit would be mistaken for that of a deletion. */
  hush(): void {
    if (this.#toast !== null) toasts.dismiss(this.#toast);
  }

  /** Nothing more is to be saved, and nothing to be said: the stream is no more. */
  forget(): void {
    this.hush();
    this.#change(NOTHING);
  }

  #takeBack(made: Made): void {
    const before = this.#shown();
    const fitting = before && fitEdit(made.edit, before);
    this.#change({ done: this.#state.done.filter((one) => one !== made) });
    if (!fitting) return this.#say(words.edits.cannotUndo);
    const said = words.edits.undone(made.said);
    this.#change({ pending: [...this.#state.pending, { edit: fitting, said }] });
    this.#say(said);
    void this.#save();
  }

  async #save(): Promise<void> {
    if (this.#isSaving) return;
    this.#isSaving = true;
    try {
      for (let next = this.#state.pending[0]; next !== undefined; next = this.#state.pending[0]) {
        await this.#saveOne(next.edit);
      }
    } catch (error) {
      await this.#stop(error);
    } finally {
      this.#isSaving = false;
    }
  }

  async #saveOne(edit: QueueEdit): Promise<void> {
    const server = this.#server() ?? (await queryClient.fetchQuery(queueQuery(this.#name)));
    const fitting = fitEdit(edit, server);
    if (fitting === null) return this.#change({ pending: this.#state.pending.slice(1), trouble: null });
    let after: Queue;
    try {
      after = await saveEdit(fitting, server);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 412) throw error;
      const newer = await this.#load();
      // It was saved, and only the answer did not come.
      if (!isSameContent(newer, applyEdit(fitting, server))) throw error;
      after = newer;
    }
    await this.#keep(after);
    this.#change({ pending: this.#state.pending.slice(1), trouble: null });
    void queryClient.invalidateQueries({ queryKey: keys.plan(this.#name) });
    if (fitting.kind === 'insert') {
      void queryClient.invalidateQueries({ queryKey: detailsQuery(this.#name).queryKey });
    }
    void queryClient.invalidateQueries({ queryKey: keys.streamList });
  }

  async #stop(error: unknown): Promise<void> {
    const { pending } = this.#state;
    // Forgotten while it was being saved.
    if (pending.length === 0) return;
    if (error instanceof Problem) {
      if (error.status === 412) {
        this.#change({ pending: [], lost: [...this.#state.lost, ...pending], done: [] });
        this.hush();
        return;
      }
      const isLater = LATER.has(error.status);
      // What is said stays until it is saved: else it would be read out again and again.
      if (isLater) setTimeout(() => void this.#save(), LATER_MS);
      const mayPass = error.code === 'offline' || error.status === 401 || error.status >= 500;
      if (isLater || mayPass) return this.#change({ trouble: error });
    }
    this.#change({ pending: [], done: [] });
    this.hush();
    toasts.problem(error);
    await queryClient.invalidateQueries({ queryKey: keys.queue(this.#name) });
  }

  /** Asked for now, whatever is known already. */
  async #load(): Promise<Queue> {
    const newer = await queryClient.fetchQuery({ ...queueQuery(this.#name), staleTime: 0 });
    await this.#keep(newer);
    return newer;
  }

  /** A look that began before the edit would bring the stream as it was. */
  async #keep(queue: Queue): Promise<void> {
    await queryClient.cancelQueries({ queryKey: keys.queue(this.#name) });
    queryClient.setQueryData(keys.queue(this.#name), queue);
  }

  #server(): Queue | undefined {
    return queryClient.getQueryData<Queue>(keys.queue(this.#name));
  }

  #shown(): Queue | undefined {
    const server = this.#server();
    return server && withPending(server, this.#state.pending);
  }

  /** One message at a time: who moves ten parts does not read ten. */
  #say(message: string, undo?: () => void): void {
    this.hush();
    this.#toast = toasts.show(message, undo === undefined ? {} : { undo });
  }

  #change(change: Partial<EditingState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

/** The stream as its editor sees it. */
export const withPending = (server: Queue, pending: readonly Made[]): Queue =>
  pending.reduce((queue, { edit }) => {
    const fitting = fitEdit(edit, queue);
    return fitting === null ? queue : applyEdit(fitting, queue);
  }, server);

const all = new Map<string, StreamEditing>();

const isUnsaved = (editing: StreamEditing): boolean => editing.getState().pending.length > 0;

/** When all edits of all streams are saved, but no later than this. */
export async function editsSettled(withinMs: number): Promise<void> {
  const saved = Promise.all([...all.values()].map((editing) => editing.settled()));
  await Promise.race([saved, new Promise((resolve) => setTimeout(resolve, withinMs))]);
}

window.addEventListener('online', () => {
  for (const editing of all.values()) editing.retry();
});
window.addEventListener('beforeunload', (event) => {
  // The browser asks: nothing but this page has them.
  if ([...all.values()].some(isUnsaved)) event.preventDefault();
});

export function editingOf(name: string): StreamEditing {
  const known = all.get(name);
  if (known !== undefined) return known;
  const made = new StreamEditing(name);
  all.set(name, made);
  return made;
}
export type { StreamEditing };
