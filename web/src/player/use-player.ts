import { useSyncExternalStore } from 'react';
import type { PlayerState } from './player-state.ts';
import { player } from './player.ts';

export const usePlayer = (): PlayerState => useSyncExternalStore(player.subscribe, player.getState);
