import { withAdministratorOnDemand } from '../services/administrator-on-demand.ts';
import { expectStreams } from '../services/expected-streams.ts';
import { readConfig, type Config } from './config.ts';
import { unusable } from './config-error.ts';
import { openFunctionEngines } from './function-engines.ts';
import { withSecrets } from './function-secrets.ts';
import { openHome, type Home, type OpenEngines } from './home.ts';
import { createJsonLogger } from './json-logger.ts';

/** The home of a function, and what its environment and the secret store say. */
export interface LambdaHome extends Home {
  readonly config: Config;
  readonly logger: ReturnType<typeof createJsonLogger>;
}

let opened: Promise<LambdaHome> | undefined;

/**
 * The home that all invocations of this process share, opened by the first. It is never closed: the platform freezes
 * the process, and one day ends it.
 *
 * @param openEngines a worker's are `openLocalEngines`; without them, none works on sound here
 * @throws ConfigError; Error when a secret cannot be read: the next invocation tries again
 */
export function openLambdaHome(openEngines: OpenEngines = openFunctionEngines): Promise<LambdaHome> {
  opened ??= open(openEngines);
  opened.catch(() => (opened = undefined));
  return opened;
}

async function open(openEngines: OpenEngines): Promise<LambdaHome> {
  const config = readConfig(await withSecrets(process.env), process.cwd());
  if (config.auth === 'off') throw unusable('AUTH', 'off is for servers that only their own machine reaches');
  const logger = createJsonLogger(config.logLevel);
  const home = await openHome(config, logger, openEngines);
  const { adminPassword: password, dynamoTables } = config;
  const hasOldUsers = async () => {
    if (dynamoTables === null) return false;
    const { hasOldDynamoUsers } = await import('./old-dynamo-records.ts');
    return hasOldDynamoUsers(dynamoTables);
  };
  const users = withAdministratorOnDemand(home.ports, { password, hasOldUsers });
  const { expect: expectStream, ...expected } = expectStreams(home.ports.streams, home.ports.audioFiles);
  return { ...home, config, logger, ports: { ...home.ports, ...expected, users, expectStream } };
}
