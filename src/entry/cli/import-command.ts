import { readdir } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import type { Command } from 'commander';
import { isAppError } from '../../domain/app-error.ts';
import { ConfigError } from '../config-error.ts';
import { addAudio, withWorker } from './add-audio.ts';
import { withHome } from './with-home.ts';
import { showProgress } from './terminal.ts';

const AUDIO_EXTENSION =
  /\.(mp3|m4a|m4b|mp4|aac|caf|wav|w64|aif|aiff|aifc|flac|ogg|oga|opus|webm|mka|wma|asf|amr|ac3|ape|wv|tta|mpc|au|dsf)$/i;

export function addImportCommand(program: Command): void {
  program
    .command('import')
    .argument('<directory>', 'where the audio is; directories in it are looked into as well')
    .description('take a folder of audio files into the library; the files there stay as they are')
    .addHelpText(
      'after',
      `
Whatever ffmpeg reads is taken in: MP3, M4A, M4B, CAF, WAV, AIFF, FLAC, Ogg, Opus, WebM, WMA …
What the library has already is passed over, so that the command can be run again at any time. Two files that
would have one name both come in; the second gets a number.

  $ npx earshot import ~/Audiobooks/Pippi`,
    )
    .action(async (directory: string) => {
      const paths = await findAudio(directory);
      if (paths.length === 0) throw new ConfigError(`There is no audio file in ${directory}.`);
      const outcome = await withHome((home, config) =>
        withWorker(home, config, () => importAll(home.ports, directory, paths)),
      );
      console.log(
        `${outcome.added} added, ${outcome.there} there already, ${outcome.failures.length} refused`,
      );
      for (const failure of outcome.failures) console.log(`  ${failure}`);
      if (outcome.failures.length > 0) process.exitCode = 1;
    });
}

async function findAudio(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(
    (error: unknown) => {
      throw new ConfigError(
        `${directory} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).`,
      );
    },
  );
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && AUDIO_EXTENSION.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

async function importAll(ports: Parameters<typeof addAudio>[0], directory: string, paths: readonly string[]) {
  const progress = showProgress(paths.length, 'files');
  const outcome = { added: 0, there: 0, failures: [] as string[] };
  for (const [at, path] of paths.entries()) {
    const name = relative(directory, path);
    try {
      const { duplicate } = await addAudio(ports, path, basename(path), (percentage) =>
        progress.update(at + percentage / 100, name),
      );
      if (duplicate) outcome.there += 1;
      else outcome.added += 1;
    } catch (error) {
      if (!isAppError(error)) throw error;
      outcome.failures.push(`${name}: ${error.message}`);
    }
    progress.update(at + 1, name);
  }
  progress.finish();
  return outcome;
}
