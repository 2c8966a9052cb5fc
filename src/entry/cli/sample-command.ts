import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { LOCAL_CALLER } from '../../services/authenticate.ts';
import type { Ports } from '../../services/ports.ts';
import { replaceQueue } from '../../services/stream-queue.ts';
import type { Config } from '../config.ts';
import { ConfigError } from '../config-error.ts';
import { addAudio, withWorker } from './add-audio.ts';
import { localOrigin, playbackUrl } from './playback-url.ts';
import { requireKeptStreams } from './kept-streams.ts';
import { showProgress } from './terminal.ts';
import { renderTune, TUNES, wavFile } from './tunes.ts';
import { withHome } from './with-home.ts';

const STREAM = 'sample';
const HEALTH_LIMIT_MS = 3000;

export function addSampleCommand(program: Command): void {
  program
    .command('sample')
    .description('make three minutes of music, build a stream of it and print the URL to play')
    .action(async () => {
      const url = await withHome(async (home, config) => {
        requireKeptStreams(home.ports);
        await checkServer(config);
        const filenames = await withWorker(home, config, () => addTunes(home.ports));
        await replaceQueue(home.ports, LOCAL_CALLER, STREAM, { files: filenames });
        return playbackUrl(home.ports, config, STREAM);
      });
      console.log(`\nPlay this in a browser, in VLC, or with mpg123:\n\n  ${url}\n`);
    });
}

/** @throws ConfigError when no server answers: a URL that nobody serves is no sound */
async function checkServer(config: Config): Promise<void> {
  const origin = localOrigin(config);
  try {
    const health = await fetch(`${origin}/health`, { signal: AbortSignal.timeout(HEALTH_LIMIT_MS) });
    if (health.ok) return;
  } catch {
    // Nobody listens there: said below.
  }
  throw new ConfigError(`No server answers at ${origin}. Start it in another terminal with: npm start`);
}

async function addTunes(ports: Ports): Promise<string[]> {
  const progress = showProgress(TUNES.length, 'tunes');
  const filenames: string[] = [];
  for (const [at, tune] of TUNES.entries()) {
    progress.update(at, `${tune.title}: playing it`);
    const path = join(ports.policy.tempDir, tune.filename);
    await writeFile(path, wavFile(renderTune(tune)));
    const onProgress = (percentage: number) => progress.update(at + percentage / 100, tune.title);
    filenames.push((await addAudio(ports, path, tune.filename, onProgress, tune.title)).filename);
    progress.update(at + 1, tune.title);
  }
  progress.finish();
  return filenames;
}
