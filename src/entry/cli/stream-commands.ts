import type { Command } from 'commander';
import { PLAY_MODES, parsePlayMode } from '../../domain/play-mode.ts';
import { LOCAL_CALLER } from '../../services/authenticate.ts';
import { createStream, getQueue } from '../../services/stream-queue.ts';
import { listStreams } from '../../services/streams.ts';
import type { Ports } from '../../services/ports.ts';
import { requireKeptStreams } from './kept-streams.ts';
import { playbackUrl } from './playback-url.ts';
import { addTransferCommands } from './stream-transfer-commands.ts';
import { formatDuration, formatTable } from './terminal.ts';
import { withHome } from './with-home.ts';

const PAGE = 100;

export function addStreamCommands(program: Command): void {
  const stream = program.command('stream').alias('streams').description('what plays, and in which order');

  stream
    .command('list')
    .description('every stream, with its length')
    .action(() =>
      withHome(async ({ ports }) => {
        requireKeptStreams(ports);
        const rows = [['NAME', 'FILES', 'LENGTH', 'MODE']];
        for await (const { stream, durationMs } of allStreams(ports)) {
          rows.push([stream.name, String(stream.files.length), formatDuration(durationMs), stream.playMode]);
        }
        console.log(
          rows.length > 1 ? formatTable(rows) : 'There is no stream yet: npx earshot stream create --help',
        );
      }),
    );

  stream
    .command('show')
    .argument('<name>')
    .description('the queue of a stream: when each file begins')
    .action((name: string) =>
      withHome(async ({ ports }) => {
        requireKeptStreams(ports);
        const { stream, durationMs } = await getQueue(ports, LOCAL_CALLER, name);
        const records = await ports.audioFiles.findMany(stream.tenantId, [...new Set(stream.files)]);
        const known = new Map(records.map((file) => [file.filename, file]));
        const rows = [['#', 'BEGINS', 'FILE', 'TITLE']];
        let beginsMs = 0;
        for (const [index, filename] of stream.files.entries()) {
          const file = known.get(filename);
          rows.push([
            String(index),
            formatDuration(beginsMs),
            filename,
            file === undefined ? '(not in the library)' : file.title,
          ]);
          beginsMs += file?.durationMs ?? 0;
        }
        console.log(
          `${stream.name}: ${stream.playMode}, ${formatDuration(durationMs)}\n\n${formatTable(rows)}`,
        );
      }),
    );

  stream
    .command('create')
    .argument('<name>', '1 to 100 letters, digits, "-" or "_"')
    .argument('<files...>', 'names in the library, in playing order')
    .option('-m, --mode <mode>', PLAY_MODES.join(', '), 'sequential')
    .description('make a stream of files of the library')
    .addHelpText('after', '\n  $ npx earshot stream create bedtime pippi-1.mp3 pippi-2.mp3 --mode sequential')
    .action((name: string, files: string[], options: { mode: string }) =>
      withHome(async ({ ports }, config) => {
        requireKeptStreams(ports);
        const playMode = parsePlayMode(options.mode);
        const { durationMs } = await createStream(ports, LOCAL_CALLER, name, { files, playMode });
        const url = await playbackUrl(ports, config, name);
        console.log(`${name}: ${files.length} files, ${formatDuration(durationMs)}\n${url}`);
      }),
    );

  addTransferCommands(stream);
}

async function* allStreams(ports: Ports) {
  for (let after; ;) {
    const page: Awaited<ReturnType<typeof listStreams>> = await listStreams(ports, LOCAL_CALLER, {
      limit: PAGE,
      after,
    });
    yield* page.items;
    if (page.next === undefined) return;
    after = page.next;
  }
}
