/** The thread that reads the tags of one file, named by its worker data, and answers with one message. */
import { parentPort, workerData } from 'node:worker_threads';
import { parseFile } from 'music-metadata';
import type { TagAnswer } from './tag-reader.ts';

const answer: TagAnswer = await parseFile(String(workerData), { skipCovers: true, duration: false }).then(
  ({ common }) => ({
    ...(common.title === undefined ? {} : { title: common.title }),
    ...(common.artist === undefined ? {} : { artist: common.artist }),
    ...(common.album === undefined ? {} : { album: common.album }),
  }),
  // Broken tags are no tags.
  () => ({}),
);
parentPort?.postMessage(answer);
