import { text } from '../../text/text.ts';

export const WorkView = () => <h1>{text.shell.work}</h1>;
