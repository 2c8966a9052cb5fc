import { useSyncExternalStore } from 'react';
import { deletions } from './deletions.ts';

export const useDeletions = () => useSyncExternalStore(deletions.subscribe, deletions.getState);
