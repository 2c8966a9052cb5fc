import { useSyncExternalStore } from 'react';
import { uploads } from './upload-store.ts';
import type { Upload } from './upload.ts';

export const useUploads = (): readonly Upload[] => useSyncExternalStore(uploads.subscribe, uploads.getShown);
