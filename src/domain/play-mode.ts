import { ValidationError } from './app-error.ts';

export const PLAY_MODES = ['sequential', 'loop', 'shuffle', 'endless-shuffle'] as const;

export type PlayMode = (typeof PLAY_MODES)[number];

export const isPlayMode = (value: string): value is PlayMode =>
  (PLAY_MODES as readonly string[]).includes(value);

/** @throws {ValidationError} that lists the modes there are */
export function parsePlayMode(value: string): PlayMode {
  if (isPlayMode(value)) return value;
  throw new ValidationError('play_mode', `Unknown play mode; there are ${PLAY_MODES.join(', ')}.`);
}

export const isEndless = (mode: PlayMode): boolean => mode === 'loop' || mode === 'endless-shuffle';
export const isShuffled = (mode: PlayMode): boolean => mode === 'shuffle' || mode === 'endless-shuffle';
