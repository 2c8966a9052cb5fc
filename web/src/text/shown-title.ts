/** What a file is called that nobody gave a title. */
export const nameless = (filename: string): string => filename.replace(/\.mp3$/, '');

export const shownTitle = (title: string, filename: string): string =>
  title === '' ? nameless(filename) : title;
