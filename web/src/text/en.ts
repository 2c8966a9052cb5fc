import { library } from './en-library.ts';
import { links } from './en-links.ts';
import { listen } from './en-listen.ts';
import { player } from './en-player.ts';
import { problems } from './en-problems.ts';
import { settings } from './en-settings.ts';
import { shell } from './en-shell.ts';
import { streams } from './en-streams.ts';
import { work } from './en-work.ts';

export const en = { shell, library, links, streams, player, listen, work, settings, problems };
