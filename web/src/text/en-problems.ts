import { formatSize } from './measures.ts';

/** What keeps something from being done, wherever it is met, where a person can do something about it. */
export const problems = {
  offline: 'The server cannot be reached.',
  rateLimited: (seconds: number) =>
    `Too much was asked for at once. Try again in ${seconds === 1 ? 'a second' : `${String(seconds)} seconds`}.`,
  tooLarge: (maxBytes: number) => `This is larger than the server takes, which is ${formatSize(maxBytes)}.`,
  diskFull: 'The disk of the server is full. Make room, then try again.',
  storageAway: 'The server could not read or write its storage. Try again later.',
  noAudio: 'This is no audio file, or one that cannot be read.',
  answered: (status: number) => `The server answered ${String(status)}.`,
  answeredNothing: 'The server answered with nothing.',
  otherForm: 'The server answered in another form.',
  unknown: 'Something went wrong.',
};
