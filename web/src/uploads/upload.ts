import type { Problem } from '../api/problem.ts';
import type { components } from '../api/schema.d.ts';

export type BegunUpload = components['schemas']['DirectUpload'];
/** What is done when the name is taken. */
export type ConflictRule = 'refuse' | 'rename' | 'replace';

export type UploadState =
  | { readonly step: 'waiting' }
  | { readonly step: 'sending'; readonly percentage: number }
  | { readonly step: 'preparing'; readonly percentage: number }
  | { readonly step: 'done'; readonly filename: string }
  /** The library has the same content under this name. */
  | { readonly step: 'duplicate'; readonly filename: string }
  | { readonly step: 'failed'; readonly problem: Problem }
  /** The page was loaded anew and the browser could not keep the file: it must be chosen again. */
  | { readonly step: 'lost' };

/** One file on its way, as it is shown. */
export interface Upload {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  readonly state: UploadState;
}

/** How far one file has come: enough to go on where it was, also after the page was loaded anew. */
export interface UploadRecord {
  readonly id: string;
  /** The tab that sends it: another tab leaves it alone. */
  readonly tabId: string;
  readonly userId: string;
  readonly name: string;
  readonly size: number;
  readonly onConflict: ConflictRule;
  readonly begun?: BegunUpload | undefined;
  readonly sentParts: readonly number[];
  /** Of the ingest, once all of it is there. */
  readonly requestId?: string | undefined;
  /** Its name in the library, once it has one. */
  readonly filename?: string | undefined;
}

const OVER: readonly UploadState['step'][] = ['done', 'duplicate', 'failed', 'lost'];

/** Nothing more happens to it by itself. */
export const isAtRest = ({ state }: Upload): boolean => OVER.includes(state.step);
