import { text } from '../../text/text.ts';

export const LibraryView = () => <h1>{text.shell.library}</h1>;
