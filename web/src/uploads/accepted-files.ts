/** What pickers offer, by ending too: some systems do not know the type of an audiobook. */
export const ACCEPTED =
  'audio/*,video/*,.mp3,.m4a,.m4b,.aac,.caf,.flac,.ogg,.oga,.opus,.wav,.wma,.aif,.aiff,.mka,.amr,.mp4,.webm';
