const counted = (n: number, one: string, many: string): string => `${String(n)} ${n === 1 ? one : many}`;
const files = (n: number): string => counted(n, 'file', 'files');

export const library = {
  files: 'Files',
  title: 'Library',
  upload: 'Upload',
  speak: 'Have a text read',
  search: 'Search titles, tags and what is said',
  sort: 'Order',
  sorts: { created: 'Newest first', name: 'By name', duration: 'Longest first' },
  states: { processing: 'Being prepared', ready: 'Ready', failed: 'Failed' },
  play: (title: string) => `Play ${title}`,
  playFrom: (time: string, snippet: string) => `Play from ${time}: ${snippet}`,
  found: (n: number) => (n === 0 ? 'Nothing found' : `${files(n)} found`),
  nothingFound: (question: string) => `Nothing is found for “${question}”.`,
  nothingFoundHint:
    'Titles, file names, tags, descriptions and transcripts were searched, by the beginnings of words.',
  clearSearch: 'Show all files',
  empty: {
    title: 'Nothing here yet',
    hint: 'Drop recordings, music or audiobooks anywhere on this page, or choose them. Whatever has sound in it will do; it plays as soon as it is prepared.',
    choose: 'Choose files',
  },
  chooser: {
    title: 'Choose files',
    search: 'Search',
    empty: 'The library is empty. Upload something there first.',
    nothingFound: (question: string) => `Nothing is found for “${question}”.`,
    chosen: (n: number) => (n === 0 ? 'None chosen' : `${String(n)} chosen`),
    add: (n: number) => (n === 0 ? 'Add' : `Add ${files(n)}`),
  },
  uploads: {
    title: 'Uploads',
    list: 'Files on their way',
    drop: 'Drop to upload into the library',
    running: (over: number, all: number, failed: number) =>
      `${String(over)} of ${files(all)} uploaded${failed > 0 ? `, ${String(failed)} not` : ''}`,
    over: (done: number, failed: number) =>
      failed === 0 ? `${files(done)} uploaded` : `${String(done)} uploaded, ${String(failed)} not`,
    clear: 'Clear',
    show: 'Show the files',
    hide: 'Hide the files',
    sending: (percentage: number) => `Sending, ${String(percentage)} %`,
    states: {
      waiting: 'Waiting',
      preparing: 'Sent; being prepared to play',
      done: 'Ready to play',
      duplicate: 'You have this already: nothing was stored again',
      lost: 'The page was loaded anew before all of it was sent. Choose the file again, and it goes on where it was.',
    },
    noAudio: 'There is no sound in this file.',
    emptyFile: 'The file is empty.',
    cancel: (name: string) => `Cancel ${name}`,
    dismiss: (name: string) => `Take ${name} off this list`,
    chooseAgain: 'Choose it again',
    keepBoth: 'Keep both',
    replace: 'Replace the old one',
  },
};
