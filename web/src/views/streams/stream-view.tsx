import { text } from '../../text/text.ts';

export const StreamView = () => <h1>{text.shell.streams}</h1>;
