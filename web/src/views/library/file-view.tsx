import { text } from '../../text/text.ts';

export const FileView = () => <h1>{text.shell.library}</h1>;
