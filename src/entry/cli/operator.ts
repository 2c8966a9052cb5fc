import type { Caller } from '../../domain/caller.ts';
import { DEFAULT_TENANT } from '../../domain/tenant.ts';
import type { Config } from '../config.ts';
import { openEmbeddedHome, type EmbeddedHome } from '../embedded.ts';
import { readEnvironment } from '../environment.ts';
import { createLogger } from '../logger.ts';

/** Whoever can run a command on the machine owns its data already. */
export const OPERATOR: Caller = {
  userId: 'local',
  username: 'local',
  tenantId: DEFAULT_TENANT,
  isAdmin: true,
  scopes: ['admin'],
};

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
