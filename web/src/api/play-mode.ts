import type { PlayMode } from './types.ts';

export const isEndless = (mode: PlayMode): boolean => mode === 'loop' || mode === 'endless-shuffle';
export const isShuffled = (mode: PlayMode): boolean => mode === 'shuffle' || mode === 'endless-shuffle';
