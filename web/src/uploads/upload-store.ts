import { api } from '../api/client.ts';
import { keys } from '../api/keys.ts';
import { messageOf, Problem } from '../api/problem.ts';
import { queryClient } from '../api/query-client.ts';
import { sessionQuery } from '../api/session.ts';
import { text } from '../text/text.ts';
import { runUpload } from './run-upload.ts';
import { newId, tabId, uploadMemory } from './upload-memory.ts';
import { isAtRest, type ConflictRule, type Upload, type UploadRecord, type UploadState } from './upload.ts';

/** Browsers open six connections to a server; the page needs some of them. */
const AT_ONCE = 3;
/** Bars that move more often than this are no smoother, and cost the list its smoothness. */
const TELL_MS = 100;
const STALE_MS = 400;

interface Job {
  record: UploadRecord;
  state: UploadState;
  file: File | null;
  /** A new load of the page has it, too. */
  isKept: boolean;
  running: AbortController | null;
  shown?: Upload;
}

/** All files on their way. It outlives every view, and, as far as the browser keeps files, the page. */
class UploadStore {
  readonly #jobs = new Map<string, Job>();
  readonly #listeners = new Set<() => void>();
  #shown: readonly Upload[] = [];
  #telling: ReturnType<typeof setTimeout> | undefined;
  #staling: ReturnType<typeof setTimeout> | undefined;
  #isResumed = false;

  constructor() {
    window.addEventListener('beforeunload', (event) => {
      // The browser asks: what it could not keep would be lost.
      const isAtRisk = [...this.#jobs.values()].some(
        ({ state, isKept }) => state.step === 'sending' && !isKept,
      );
      if (isAtRisk) event.preventDefault();
    });
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly getShown = (): readonly Upload[] => this.#shown;

  add(files: readonly File[]): void {
    for (const file of files) {
      if (this.#takeUp(file)) continue;
      const { name, size } = file;
      const id = newId();
      const record: UploadRecord = {
        id,
        tabId: tabId(),
        userId: userId(),
        name,
        size,
        onConflict: 'refuse',
        sentParts: [],
      };
      const job: Job = { record, file, state: { step: 'waiting' }, isKept: false, running: null };
      this.#jobs.set(id, job);
      if (size > 0) void this.#keep(job, file);
      else
        job.state = { step: 'failed', problem: new Problem('invalid_input', text.library.uploads.emptyFile) };
    }
    this.#runNext();
  }

  /** What was lost by a new load of the page and is chosen again goes on where it was. */
  #takeUp(file: File): boolean {
    const lost = [...this.#jobs.values()].find(
      ({ state, record }) => state.step === 'lost' && record.name === file.name && record.size === file.size,
    );
    if (lost === undefined) return false;
    lost.file = file;
    this.#sendAnew(lost, file);
    return true;
  }

  /** Goes on with what this tab was sending when it was loaded anew. */
  async resume(): Promise<void> {
    if (this.#isResumed) return;
    this.#isResumed = true;
    for (const record of await uploadMemory.list()) {
      if (isExpired(record)) await uploadMemory.forget(record.id);
      if (isExpired(record) || record.tabId !== tabId() || record.userId !== userId()) continue;
      const file = record.requestId === undefined ? await uploadMemory.findFile(record.id) : null;
      const isLost = record.requestId === undefined && file === null;
      const state: UploadState = { step: isLost ? 'lost' : 'waiting' };
      // What was chosen since this began is kept too, and under way already.
      if (this.#jobs.has(record.id)) continue;
      this.#jobs.set(record.id, { record, file, state, isKept: true, running: null });
    }
    this.#runNext();
  }

  /** @param onConflict what to do now that the name is known to be taken */
  retry(id: string, onConflict?: ConflictRule): void {
    const job = this.#jobs.get(id);
    if (job === undefined) return;
    // Prepared and refused: what would be prepared again is what was sent, so it is sent anew.
    const { requestId: _requestId, ...rest } = job.record;
    const fresh =
      job.record.requestId === undefined && onConflict === undefined
        ? {}
        : { begun: undefined, sentParts: [] };
    job.record = { ...rest, ...fresh, ...(onConflict !== undefined && { onConflict }) };
    if (job.file === null) {
      // All of it was at the server when the page was loaded anew: only who chose it has it now.
      void uploadMemory.keep(job.record);
      this.#change(job, { step: 'lost' });
      return;
    }
    this.#sendAnew(job, job.file);
    this.#runNext();
  }

  #sendAnew(job: Job, file: File): void {
    // What failed or was lost is kept no longer.
    job.isKept = false;
    void this.#keep(job, file);
    this.#change(job, { step: 'waiting' });
  }

  /** Ends it, or takes it from the list when it has ended. */
  remove(id: string): void {
    const job = this.#jobs.get(id);
    if (job === undefined) return;
    this.#jobs.delete(id);
    this.#tell();
    job.running?.abort();
    void uploadMemory.forget(id);
    if (job.state.step !== 'done' && job.state.step !== 'duplicate') void discard(job.record);
    this.#runNext();
  }

  /** Takes from the list what has ended. */
  clear(): void {
    for (const upload of this.#shown) if (isAtRest(upload)) this.remove(upload.id);
  }

  async #keep(job: Job, file: File): Promise<void> {
    const { id } = job.record;
    await uploadMemory.keep(job.record);
    job.isKept = await uploadMemory.keepFile(id, file);
    // It may have been over before it was kept.
    if (this.#jobs.get(id) !== job || isOver(job.state)) await uploadMemory.forget(id);
    else if (job.record.requestId !== undefined) await uploadMemory.forgetFile(id);
  }

  #runNext(): void {
    this.#tell();
    const jobs = [...this.#jobs.values()];
    const free = AT_ONCE - jobs.filter(({ running }) => running !== null).length;
    const waiting = jobs.filter(({ state, running }) => state.step === 'waiting' && running === null);
    for (const job of waiting.slice(0, Math.max(0, free))) void this.#run(job);
  }

  async #run(job: Job): Promise<void> {
    const controller = new AbortController();
    job.running = controller;
    try {
      await runUpload(job.record, {
        file: job.file,
        signal: controller.signal,
        report: (state) => {
          this.#change(job, state);
        },
        remember: (change) => {
          job.record = { ...job.record, ...change };
          if (!controller.signal.aborted) void uploadMemory.keep(job.record);
          if (change.requestId === undefined) return;
          void uploadMemory.forgetFile(job.record.id);
          this.#filesChanged();
        },
      });
    } catch (error) {
      if (!controller.signal.aborted) this.#change(job, { step: 'failed', problem: problemOf(error) });
    }
    job.running = null;
    if (isOver(job.state)) {
      void uploadMemory.forget(job.record.id);
      this.#filesChanged();
    }
    this.#runNext();
  }

  #change(job: Job, state: UploadState): void {
    const isStep = job.state.step !== state.step;
    job.state = state;
    if (isStep) this.#tell();
    else this.#telling ??= setTimeout(() => this.#tell(), TELL_MS);
  }

  #tell(): void {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    this.#shown = [...this.#jobs.values()].map(shownOf);
    for (const listener of this.#listeners) listener();
  }

  /** Lists are asked for again, once for many files. */
  #filesChanged(): void {
    if (this.#staling !== undefined) return;
    this.#staling = setTimeout(() => {
      this.#staling = undefined;
      void queryClient.invalidateQueries({ queryKey: keys.files });
    }, STALE_MS);
  }
}

export const uploads = new UploadStore();

/** The same object as long as nothing changes, so that only the rows that change are drawn anew. */
function shownOf(job: Job): Upload {
  const { state, record } = job;
  if (job.shown?.state !== state) job.shown = { id: record.id, name: record.name, size: record.size, state };
  return job.shown;
}

const isOver = ({ step }: UploadState): boolean =>
  step === 'done' || step === 'duplicate' || step === 'failed';

const isExpired = ({ begun }: UploadRecord): boolean =>
  begun !== undefined && Date.parse(begun.expires_at) <= Date.now();

const userId = (): string => queryClient.getQueryData(sessionQuery.queryKey)?.user.id ?? '';

const problemOf = (error: unknown): Problem =>
  error instanceof Problem ? error : new Problem('internal', messageOf(error));

/** What was sent of it is of no use to anybody; the server sweeps it away in time if it cannot be told now. */
async function discard({ begun, requestId }: UploadRecord): Promise<void> {
  try {
    if (requestId !== undefined) {
      await api.POST('/api/requests/{id}/cancel', { params: { path: { id: requestId } } });
    } else if (begun !== undefined) {
      await api.DELETE('/api/audio/uploads/{id}', { params: { path: { id: begun.upload_id } } });
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
}
