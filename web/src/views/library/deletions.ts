import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { Problem } from '../../api/problem.ts';
import { queryClient } from '../../api/query-client.ts';
import type { AudioFile } from '../../api/types.ts';
import { toasts } from '../../controls/toast-store.ts';
import { text } from '../../text/text.ts';

type Named = Pick<AudioFile, 'filename' | 'title'>;

/** A file that streams use: somebody must say whether it goes all the same. */
export interface DeletionQuestion {
  readonly file: Named;
  readonly streams: readonly string[];
}

interface DeletionState {
  /** Not shown any more, though the server has them until nobody can take it back. */
  readonly hidden: ReadonlySet<string>;
  /** The oldest first: two deletions seconds apart may both meet streams. */
  readonly questions: readonly DeletionQuestion[];
}

const words = text.library.deletion;

class Deletions {
  #state: DeletionState = { hidden: new Set(), questions: [] };
  readonly #listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly getState = (): DeletionState => this.#state;

  /** Hides it; the server is asked when it can no longer be undone. */
  remove(file: Named): void {
    this.#change({ hidden: new Set([...this.#state.hidden, file.filename]) });
    toasts.show(words.done(file.title), {
      undo: () => this.#show(file),
      commit: () => this.#ask(file, false),
    });
  }

  async answer(question: DeletionQuestion, isMeant: boolean): Promise<void> {
    const { questions } = this.#state;
    if (!questions.includes(question)) return;
    this.#change({ questions: questions.filter((one) => one !== question) });
    if (isMeant) await this.#ask(question.file, true);
    else this.#show(question.file);
  }

  async #ask(file: Named, force: boolean): Promise<void> {
    const { filename } = file;
    try {
      await api.DELETE('/api/audio/{filename}', {
        params: { path: { filename }, query: force ? { force: '1' } : {} },
        // Also when the page is being left.
        keepalive: true,
      });
    } catch (error) {
      if (error instanceof Problem && error.code === 'in_use') {
        const question = { file, streams: namesOf(error.details['streams']) };
        this.#change({ questions: [...this.#state.questions, question] });
        return;
      }
      this.#show(file);
      // Somebody else was faster.
      if (!(error instanceof Problem) || error.code !== 'not_found') throw error;
    }
    await queryClient.invalidateQueries({ queryKey: keys.files });
    this.#show(file);
  }

  #show({ filename }: Named): void {
    this.#change({ hidden: new Set([...this.#state.hidden].filter((name) => name !== filename)) });
  }

  #change(change: Partial<DeletionState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

export const deletions = new Deletions();

const namesOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
