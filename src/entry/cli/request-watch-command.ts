import type { Command } from 'commander';
import { displayRequests } from './request-bars.ts';
import { lookAtGiven, lookAtOpen, watchUntilEnded, type LookAtRequests } from './request-watch.ts';
import { withHome } from './with-home.ts';

const LOOK_MS = 500;
/** Where each look is billed. */
const BILLED_LOOK_MS = 2000;
/** 128 and the number of SIGINT, as shells have it. */
const INTERRUPTED = 130;

export function addRequestWatchCommand(requests: Command): void {
  requests
    .command('watch')
    .argument('[ids...]', 'without any: all that are open, also those that come meanwhile')
    .option('-f, --follow', 'without ids: go on when nothing is open', false)
    .description('see requests go on until they have ended')
    .allowUnknownOption()
    .addHelpText(
      'after',
      `
Bars on a terminal, a line for each change in a pipe. The exit code is 1 when any of them failed or was cancelled, and 130
after Ctrl-C, which ends the watching alone: the work goes on.

  $ npx earshot requests watch
  $ npx earshot requests watch q4mYb0b1R0a8s2h9u1cY3w && echo done`,
    )
    .action((ids: string[], { follow }: { follow: boolean }) =>
      withHome(async ({ ports }, config) => {
        const look = ids.length === 0 ? lookAtOpen(ports) : await lookAtGiven(ports, ids);
        const intervalMs = config.dynamoTables === null ? LOOK_MS : BILLED_LOOK_MS;
        await watch(look, { intervalMs, follow: follow && ids.length === 0, clock: ports.clock });
      }),
    );
}

async function watch(
  look: LookAtRequests,
  options: { readonly intervalMs: number; readonly follow: boolean; readonly clock: () => number },
): Promise<void> {
  const { intervalMs, follow, clock } = options;
  const display = displayRequests(process.stdout, clock);
  using stopping = stopOnRequest();
  let hasShown = false;
  try {
    const { hasFailed, isInterrupted } = await watchUntilEnded({
      look,
      onLook: (seen) => {
        hasShown ||= seen.requests.length > 0;
        display.show(seen);
      },
      intervalMs,
      follow,
      signal: stopping.signal,
    });
    if (isInterrupted) process.exitCode = INTERRUPTED;
    else if (hasFailed) process.exitCode = 1;
  } finally {
    display.finish();
  }
  if (!hasShown) process.stderr.write('Nothing was open.\n');
}

/** Ctrl-C and its like end the watching; a second one ends the process at once. So does whoever reads and has enough. */
function stopOnRequest(): Disposable & { readonly signal: AbortSignal } {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  const onError = (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    stop();
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  // Also of what is written last, after this is over.
  process.stdout.on('error', onError);
  return {
    signal: stopping.signal,
    [Symbol.dispose]() {
      process.off('SIGINT', stop).off('SIGTERM', stop);
    },
  };
}
