import type { UploadRecord } from './upload.ts';

/**
 * What is on its way, kept in the browser's own database, so that it goes on after the page was loaded anew. Where there
 * is none (private windows of some browsers), or no room, uploads work all the same, as long as the page stays.
 */
const NAME = 'earshot-uploads';
const RECORDS = 'records';
const FILES = 'files';

let opened: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.addEventListener('upgradeneeded', () => {
      request.result.createObjectStore(RECORDS, { keyPath: 'id' });
      request.result.createObjectStore(FILES);
    });
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () =>
      reject(new Error('There is no database.', { cause: request.error })),
    );
  });
  return opened;
}

/** Runs one step; `result` of its request, once it is on the disk. */
async function run<Result>(
  store: typeof RECORDS | typeof FILES,
  mode: IDBTransactionMode,
  step: (store: IDBObjectStore) => IDBRequest<Result>,
): Promise<Result> {
  const transaction = (await open()).transaction(store, mode);
  return new Promise((resolve, reject) => {
    const request = step(transaction.objectStore(store));
    const fail = (): void => reject(new Error('It was not kept.', { cause: transaction.error }));
    transaction.addEventListener('complete', () => resolve(request.result));
    transaction.addEventListener('abort', fail);
    transaction.addEventListener('error', fail);
  });
}

/** @returns whether it is kept */
const attempt = (step: Promise<unknown>): Promise<boolean> =>
  step.then(
    () => true,
    () => false,
  );

export const uploadMemory = {
  keepFile: (id: string, file: File): Promise<boolean> =>
    attempt(run(FILES, 'readwrite', (store) => store.put(file, id))),

  keep: (record: UploadRecord): Promise<boolean> =>
    attempt(run(RECORDS, 'readwrite', (store) => store.put(record))),

  /** The bytes of what is at the server need not be kept any longer. */
  forgetFile: (id: string): Promise<boolean> => attempt(run(FILES, 'readwrite', (store) => store.delete(id))),

  async forget(id: string): Promise<void> {
    await attempt(run(RECORDS, 'readwrite', (store) => store.delete(id)));
    await this.forgetFile(id);
  },

  /** All that is kept, of any tab and user. */
  async list(): Promise<readonly UploadRecord[]> {
    try {
      return await run<UploadRecord[]>(
        RECORDS,
        'readonly',
        (store) => store.getAll() as IDBRequest<UploadRecord[]>,
      );
    } catch {
      // No database: nothing was kept.
      return [];
    }
  },

  async findFile(id: string): Promise<File | null> {
    try {
      const file = await run<unknown>(FILES, 'readonly', (store) => store.get(id));
      return file instanceof File ? file : null;
    } catch {
      return null;
    }
  },
};

const TAB = 'earshot-tab';

/** The same for a tab that is loaded anew, another for every other tab. */
export function tabId(): string {
  const known = sessionStorage.getItem(TAB);
  if (known !== null) return known;
  const id = newId();
  sessionStorage.setItem(TAB, id);
  return id;
}

/** `crypto.randomUUID` is only there over https; a home network often has none. */
export const newId = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
