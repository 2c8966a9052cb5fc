const counted = (n: number, one: string, many: string): string => `${String(n)} ${n === 1 ? one : many}`;

export const library = {
  files: 'Files',
  states: { processing: 'Being prepared', ready: 'Ready', failed: 'Failed' },
  chooser: {
    title: 'Choose files',
    search: 'Search',
    empty: 'The library is empty. Upload something there first.',
    nothingFound: (question: string) => `Nothing is found for “${question}”.`,
    chosen: (n: number) => (n === 0 ? 'None chosen' : `${String(n)} chosen`),
    add: (n: number) => (n === 0 ? 'Add' : `Add ${counted(n, 'file', 'files')}`),
  },
};
