import { openFileStreamStore } from '../src/adapters/files/file-stream-store.ts';
import { isAppError } from '../src/domain/app-error.ts';
import { silentLog } from './silent-log.ts';

/** A process that appends to the queue of one stream, so many times: `stream-appender.ts DIRECTORY NAME TIMES`. */
const [dir = '', mark = '', times = ''] = process.argv.slice(2);
const streams = await openFileStreamStore({ dir, clock: Date.now, log: silentLog });

for (let done = 0; done < Number(times);) {
  const stream = await streams.find('default', 's');
  if (stream === null) throw new Error('The stream has gone.');
  try {
    await streams.save({ ...stream, files: [...stream.files, `${mark}-${done}.mp3`] }, stream.revision);
    done += 1;
  } catch (error) {
    if (!isAppError(error, 'precondition_failed')) throw error;
  }
}
