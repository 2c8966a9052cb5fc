import type { Config } from '../config.ts';
import { openEmbeddedHome, type EmbeddedHome } from '../embedded.ts';
import { readEnvironment } from '../environment.ts';
import { createLogger } from '../logger.ts';

/** Opens the data for one command and closes it whatever happens. The log is silent but for warnings. */
export async function withHome<Result>(
  use: (home: EmbeddedHome, config: Config) => Promise<Result>,
): Promise<Result> {
  const config = readEnvironment();
  const home = await openEmbeddedHome(config, createLogger('warn', process.stdout.isTTY, process.stderr));
  try {
    return await use(home, config);
  } finally {
    await home.close();
  }
}
