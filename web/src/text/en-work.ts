import type { ProblemBody } from '../api/problem.ts';
import type { WorkRequest } from '../api/types.ts';
import { problems } from './en-problems.ts';

/** What each code means to somebody who only wants the file. The server's own sentence stands beside it. */
const reasons: Readonly<Record<ProblemBody['code'], string>> = {
  invalid_input: 'Something in what was asked for is not right.',
  unauthorized: 'Nobody was logged in any more.',
  forbidden: 'This account may not do that.',
  not_found: 'The file is not there any more.',
  method_not_allowed: 'The server does not do that.',
  already_exists: 'There is a file of this name already.',
  conflict: 'What it needed was changed or removed meanwhile.',
  in_use: 'A stream still uses the file.',
  not_ready: 'The file was not ready yet.',
  missing_part: 'A file that it needed is gone.',
  precondition_failed: 'Somebody else changed it first.',
  too_large: 'The file is too large, or too long.',
  unsupported_media: problems.noAudio,
  range_not_satisfiable: 'Less of the file was there than expected.',
  rate_limited: 'Too much was asked for at once. Try again in a minute.',
  insufficient_storage: problems.diskFull,
  storage_unavailable: problems.storageAway,
  tool_unavailable: 'The server has no ffmpeg that can read this file.',
  no_speech: 'Nothing is said in the recording, as far as can be heard.',
  engine_unavailable: 'The speech engine is not there, or has too much to do. Try again later.',
  engine_refused: 'The speech engine refused it. Its key or quota may be at fault.',
  engine_timeout: 'The speech engine took too long. Try again later.',
  aborted: 'The server was stopped meanwhile.',
  cancelled: 'Somebody cancelled it.',
  lease_lost: 'It took too long and was begun anew.',
  internal: 'Something went wrong in the server. Its log says what.',
};

const statuses: Readonly<Record<WorkRequest['status'], string>> = {
  PENDING: 'Waits for its turn',
  PROCESSING: 'Running',
  RETRYING: 'Will be tried again',
  COMPLETED: 'Done',
  FAILED: 'Failed',
  CANCELLED: 'Cancelled',
};

/** By the names of actions; one that is not known here goes by its own name. */
const actions: Readonly<Record<string, string>> = {
  ingest: 'Taking in',
  transcribe: 'Transcribing',
  generate_tts: 'Speaking a text',
  make_stream: 'Making a stream into a file',
};

/** A recording that becomes text, and is not kept. */
const writing = {
  title: 'Write down what is said',
  hint: 'Nothing of the recording is kept once it is written down, and it does not come into the library. The text can be read under Work for a week.',
  file: 'Recording',
  from: 'From',
  fromHint: 'As 1:30; else the beginning.',
  to: 'To',
  toHint: 'As 2:45; else the end.',
  noTime: 'Write it as 1:30 or 1:02:03.',
  endsBefore: 'It must be after the time it begins at.',
  submit: 'Write it down',
  steps: {
    sending: 'The recording is being sent. You may close this; it goes on, as long as this page is open.',
    hearing: 'It is being written down. You may close this; it goes on under Work.',
    cancelling: 'It is being cancelled.',
    done: 'It is written down.',
  },
  progress: 'How far it is',
  cancel: 'Cancel it',
  isWritten: (name: string) => `“${name}” is written down; its text is under Work.`,
  failed: (name: string, why: string) => `“${name}” could not be written down: ${why}`,
  text: 'Text',
  saveAs: (ending: string) => `Save as .${ending}`,
  read: 'Read the text',
  heard: 'What is said',
  unnamed: 'transcript',
};

export const work = {
  title: 'Work',
  hint: 'Uploads being made ready, transcripts, and texts being spoken. It goes on when you leave.',
  underWay: 'Under way',
  nothingUnderWay: 'Nothing is under way.',
  ended: 'Ended',
  nothingEnded: 'Nothing here. What has ended is kept for a week.',
  show: 'Show',
  all: 'All',
  failed: 'Failed',
  done: 'Done',
  cancelled: 'Cancelled',
  cutOff: 'Live news are cut off for the moment; this is looked for every few seconds.',
  openFile: 'Open the file',
  cancel: 'Cancel',
  retry: 'Try again',
  wasCancelled: 'Cancelled.',
  askCancel: 'Cancel this?',
  cancelMeans: 'What was done of it so far is lost.',
  goOn: 'Let it go on',
  cancelIt: 'Cancel it',
  begunAnew: 'Begun anew.',
  named: (action: string, filename: string) => `${action}: ${filename}`,
  tries: (n: number) => (n === 1 ? 'tried once before' : `tried ${String(n)} times before`),
  percent: (n: number) => `${String(Math.round(n))} %`,
  writing,
  reasons,
  statuses,
  actions,
};
