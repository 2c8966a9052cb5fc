import { text } from '../../text/text.ts';

export const ListenView = () => <h1>{text.shell.name}</h1>;
