import { InvalidArgumentError, Option, type Command } from 'commander';
import { isAppError } from '../../domain/app-error.ts';
import { REQUEST_STATUSES, type AsyncRequest, type RequestStatus } from '../../domain/request.ts';
import { toWireAttempts, toWireRequest, type FailurePorts } from '../../http/schemas/request.ts';
import { LOCAL_CALLER } from '../../services/authenticate.ts';
import type { Ports } from '../../services/ports.ts';
import { cancelRequest, listRequests, retryRequest } from '../../services/requests.ts';
import { SYSTEM_CALLER } from '../../services/system-caller.ts';
import { ConfigError } from '../config-error.ts';
import { getNamedRequest } from './named-request.ts';
import { addRequestWatchCommand } from './request-watch-command.ts';
import { describeRequest, REQUEST_COLUMNS, requestRow } from './request-text.ts';
import { formatTable } from './terminal.ts';
import { withHome } from './with-home.ts';

interface ListOptions {
  readonly status?: RequestStatus;
  readonly action?: string;
  readonly user?: string;
  readonly limit: number;
  readonly json: boolean;
}

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 1000;

export function addRequestCommands(program: Command): void {
  const requests = program
    .command('requests')
    .alias('request')
    .description('long work: what waits, what runs, what became of it');

  requests
    .command('list')
    .description('the newest requests')
    .addOption(new Option('-s, --status <status>', REQUEST_STATUSES.join(', ')).argParser(parseStatus))
    .option('-a, --action <action>', 'such as ingest')
    .option('-u, --user <name>', 'whose; "local" for what commands on this machine asked for')
    .addOption(
      new Option('-n, --limit <number>', `at most so many, up to ${MAX_LIMIT}`)
        .argParser(parseLimit)
        .default(DEFAULT_LIMIT),
    )
    .addOption(jsonOption())
    .addHelpText('after', '\n  $ npx earshot requests list --status FAILED --action ingest')
    .action((options: ListOptions) => withHome(({ ports }) => list(ports, options)));

  requests
    .command('show')
    .argument('<id>')
    .description('all that is known of a request')
    .addOption(jsonOption())
    .allowUnknownOption()
    .action((id: string, { json }: { json: boolean }) =>
      withHome(async ({ ports }) => {
        const request = await getNamedRequest(ports, id);
        if (json) return printJson(toWhole(ports, request));
        const username = await usernames(ports)(request.userId);
        console.log(describeRequest(request, username, ports.clock()));
      }),
    );

  requests
    .command('cancel')
    .argument('<ids...>')
    .description('end requests; what runs stops within a second or so')
    .allowUnknownOption()
    .action((ids: string[]) =>
      withHome(({ ports }) =>
        forEachId(ids, async (id) => {
          await cancelRequest(ports, LOCAL_CALLER, id);
          return `${id} is cancelled.`;
        }),
      ),
    );

  requests
    .command('retry')
    .argument('<ids...>')
    .description('begin requests anew that failed or were cancelled; a server that runs works on them')
    .allowUnknownOption()
    .action((ids: string[]) =>
      withHome(({ ports }) =>
        forEachId(ids, async (id) => {
          await retryRequest(ports, LOCAL_CALLER, id);
          return `${id} waits again.`;
        }),
      ),
    );

  addRequestWatchCommand(requests);
}

const jsonOption = () =>
  new Option('--json', 'as GET /api/requests tells it, with whose it is').default(false);

async function list(ports: Ports, { status, action, user, limit, json }: ListOptions): Promise<void> {
  if (action !== undefined) ports.actions.get(action);
  const userId = user === undefined ? undefined : await findUserId(ports, user);
  const requests: AsyncRequest[] = [];
  let after;
  do {
    const page: Awaited<ReturnType<typeof listRequests>> = await listRequests(
      ports,
      LOCAL_CALLER,
      { status, action, userId },
      { limit: limit - requests.length, after },
    );
    requests.push(...page.items);
    after = page.next;
  } while (after !== undefined && requests.length < limit);
  if (json)
    return printJson({ requests: requests.map((each) => toOwned(ports, each)), count: requests.length });
  if (requests.length === 0) return console.log('There are none.');
  const nameOf = usernames(ports);
  const rows: (readonly string[])[] = [REQUEST_COLUMNS];
  for (const request of requests) {
    rows.push(requestRow(request, await nameOf(request.userId), ports.clock()));
  }
  console.log(formatTable(rows));
  if (after !== undefined && limit < MAX_LIMIT) console.log(`\nThere may be more: --limit ${MAX_LIMIT}`);
}

/** Goes on after one that cannot be: the exit code tells. */
async function forEachId(ids: readonly string[], act: (id: string) => Promise<string>): Promise<void> {
  for (const id of ids) {
    try {
      console.log(await act(id));
    } catch (error) {
      if (!isAppError(error)) throw error;
      process.stderr.write(`earshot: ${id}: ${error.message}\n`);
      process.exitCode = 1;
    }
  }
}

async function findUserId(ports: Pick<Ports, 'users'>, name: string): Promise<string> {
  const user = await ports.users.findByName(name);
  if (user !== null) return user.id;
  if (name === LOCAL_CALLER.userId || name === SYSTEM_CALLER.userId) return name;
  throw new ConfigError(`There is no user ${name}.`);
}

/** Of a user who is gone the id is left. */
function usernames({ users }: Pick<Ports, 'users'>): (userId: string) => Promise<string> {
  const known = new Map<string, string>();
  return async (userId) => {
    const name = known.get(userId) ?? (await users.findById(userId))?.username ?? userId;
    known.set(userId, name);
    return name;
  };
}

const toOwned = (ports: FailurePorts, request: AsyncRequest) => ({
  ...toWireRequest(ports, request),
  user_id: request.userId,
});

const toWhole = (ports: FailurePorts, request: AsyncRequest) => ({
  ...toOwned(ports, request),
  attempts: toWireAttempts(request.error?.attempts ?? []),
  payload: request.payload,
  metadata: request.metadata ?? null,
});

const printJson = (value: unknown): void => console.log(JSON.stringify(value, null, 2));

function parseStatus(given: string): RequestStatus {
  const status = REQUEST_STATUSES.find((each) => each === given.toUpperCase());
  if (status === undefined) throw new InvalidArgumentError(`Known are: ${REQUEST_STATUSES.join(', ')}.`);
  return status;
}

function parseLimit(given: string): number {
  const limit = Number(given);
  if (!/^\d+$/.test(given) || limit < 1 || limit > MAX_LIMIT) {
    throw new InvalidArgumentError(`It is a number from 1 to ${MAX_LIMIT}.`);
  }
  return limit;
}
