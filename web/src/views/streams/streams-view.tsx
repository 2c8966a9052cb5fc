import { text } from '../../text/text.ts';

export const StreamsView = () => <h1>{text.shell.streams}</h1>;
