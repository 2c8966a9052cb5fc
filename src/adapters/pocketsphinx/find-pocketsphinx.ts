import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';

/** The model of American English, which Debian packages apart from the program. */
export interface PocketsphinxModel {
  readonly acoustic: string;
  readonly language: string;
  readonly dictionary: string;
}

export interface PocketsphinxProgram {
  readonly path: string;
  /** `single`: that of 5.x, which prints JSON; `continuous`: the one before it, which prints a table. */
  readonly flavour: 'single' | 'continuous';
}

export interface FoundPocketsphinx {
  /** null: none is installed. */
  readonly program: PocketsphinxProgram | null;
  /** null: only the program is. */
  readonly model: PocketsphinxModel | null;
}

const PROGRAMS: readonly (readonly [string, PocketsphinxProgram['flavour']])[] = [
  ['pocketsphinx', 'single'],
  ['pocketsphinx_continuous', 'continuous'],
];
const SHARED = ['/usr/share', '/usr/local/share'];

/**
 * @param searchPath directories written like PATH
 * @param shared directories of data to look for a model in, after the one that belongs to the program
 */
export async function findPocketsphinx(
  searchPath: string,
  shared: readonly string[] = SHARED,
): Promise<FoundPocketsphinx> {
  const program = await findProgram(searchPath);
  if (program === null) return { program, model: null };
  const own = join(dirname(dirname(program.path)), 'share');
  for (const directory of [own, ...shared]) {
    const model = modelIn(join(directory, 'pocketsphinx', 'model', 'en-us'));
    if ((await Promise.all(Object.values(model).map(isReadable))).every(Boolean)) return { program, model };
  }
  return { program, model: null };
}

async function findProgram(searchPath: string): Promise<PocketsphinxProgram | null> {
  for (const [name, flavour] of PROGRAMS) {
    for (const directory of searchPath.split(delimiter)) {
      // An empty entry means the current directory to a shell; a program must not be picked up from there.
      const path = join(directory, process.platform === 'win32' ? `${name}.exe` : name);
      if (directory !== '' && (await isExecutable(path))) return { path, flavour };
    }
  }
  return null;
}

const modelIn = (directory: string): PocketsphinxModel => ({
  acoustic: join(directory, 'en-us'),
  language: join(directory, 'en-us.lm.bin'),
  dictionary: join(directory, 'cmudict-en-us.dict'),
});

const isExecutable = (path: string): Promise<boolean> => may(path, constants.X_OK);
const isReadable = (path: string): Promise<boolean> => may(path, constants.R_OK);

const may = (path: string, mode: number): Promise<boolean> =>
  access(path, mode).then(
    () => true,
    () => false,
  );
