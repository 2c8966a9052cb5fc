import { text } from '../../text/text.ts';

export const SettingsView = () => <h1>{text.shell.settings}</h1>;
