import { useSyncExternalStore } from 'react';
import { player, type PlayerState } from './player.ts';

export const usePlayer = (): PlayerState => useSyncExternalStore(player.subscribe, player.getState);
