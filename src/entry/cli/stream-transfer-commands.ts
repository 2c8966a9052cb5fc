import { Option, type Command } from 'commander';
import { DEFAULT_TENANT, isTenantId } from '../../domain/tenant.ts';
import { encodeDefinition } from '../../domain/stream-definition-file.ts';
import { LOCAL_CALLER } from '../../services/authenticate.ts';
import type { Ports } from '../../services/ports.ts';
import { ConfigError } from '../config-error.ts';
import { readEnvironment } from '../environment.ts';
import { showCount } from './count-progress.ts';
import type { DefinitionFolder } from './definition-folder.ts';
import { openDefinitionFolder, parseFolderAddress } from './folder-address.ts';
import { requireKeptStreams } from './kept-streams.ts';
import {
  exportInto,
  importFrom,
  verify,
  type TransferOptions,
  type TransferOutcome,
} from './stream-transfer.ts';
import { withHome } from './with-home.ts';

interface Options extends TransferOptions {
  readonly tenant: string;
}

const HELP = `
A definition is a JSON file, {name}.json; the audio is not in it. What is there already is passed over, so that
the command can be run again, and goes on where it was killed. All that was written is read back at the end, and
listed with its SHA-256. S3 is the one that AWS_REGION or S3_ENDPOINT names.
`;

export function addTransferCommands(stream: Command): void {
  stream
    .command('export')
    .argument('<target>', 'a directory, or s3://bucket/prefix')
    .description('write every stream definition into a directory or a bucket')
    .addOption(dryRunOption())
    .addOption(overwriteOption())
    .addOption(tenantOption())
    .addHelpText('after', `${HELP}\n  $ npx earshot stream export s3://backups/streams`)
    .action(async (target: string, options: Options) => {
      const use = options.dryRun ? 'compare' : 'write';
      await transfer(target, use, options, async (folder, ports, caller) => {
        const exporting = showCount('streams');
        const outcome = await exportInto(folder, ports, caller, options, exporting.update);
        exporting.finish();
        const readBack = async (name: string) => (await folder.read(name))?.bytes ?? null;
        return check(outcome, (name) => folder.placeOf(name), readBack);
      });
    });

  stream
    .command('import')
    .argument('<source>', 'a directory, or s3://bucket/prefix')
    .description('take over stream definitions from a directory or a bucket')
    .addOption(dryRunOption())
    .addOption(overwriteOption())
    .addOption(tenantOption())
    .addHelpText('after', `${HELP}\n  $ npx earshot stream import ~/old/streams --dry-run`)
    .action(async (source: string, options: Options) => {
      await transfer(source, 'read', options, async (folder, ports, caller) => {
        const importing = showCount('streams');
        const outcome = await importFrom(folder, ports, caller, options, importing.update);
        importing.finish();
        const readBack = async (name: string) => {
          const stored = await ports.streams.find(caller.tenantId, name);
          return stored === null ? null : encodeDefinition(stored);
        };
        return check(outcome, (name) => `${name}.json`, readBack);
      });
    });
}

const dryRunOption = () => new Option('--dry-run', 'only say what would be done').default(false);
const overwriteOption = () => new Option('--overwrite', 'replace what has other content').default(false);
const tenantOption = () => new Option('--tenant <id>', 'whose streams').default(DEFAULT_TENANT);

interface Checked {
  readonly outcome: TransferOutcome;
  readonly verified: readonly string[];
}

async function transfer(
  address: string,
  use: 'read' | 'write' | 'compare',
  { tenant, dryRun }: Options,
  work: (folder: DefinitionFolder, ports: Ports, caller: typeof LOCAL_CALLER) => Promise<Checked>,
): Promise<void> {
  if (!isTenantId(tenant)) throw new ConfigError(`${JSON.stringify(tenant)} is no name of a tenant.`);
  readEnvironment();
  const parsed = parseFolderAddress(address, process.env);
  const { outcome, verified } = await withHome(async ({ ports }) => {
    requireKeptStreams(ports);
    const folder = await openDefinitionFolder(parsed, { tenantId: tenant, use });
    try {
      return await work(folder, ports, { ...LOCAL_CALLER, tenantId: tenant });
    } finally {
      folder.close();
    }
  });
  print(outcome, verified, dryRun);
}

async function check(
  outcome: TransferOutcome,
  placeOf: (name: string) => string,
  readBack: (name: string) => Promise<Uint8Array | null>,
): Promise<Checked> {
  const checking = showCount('verified');
  const verified = await verify(outcome, readBack, placeOf, checking.update);
  checking.finish();
  return { outcome, verified };
}

function print(
  { counts, failures, notes }: TransferOutcome,
  verified: readonly string[],
  isDry: boolean,
): void {
  for (const line of verified) console.log(line);
  for (const note of notes) console.log(note);
  const { created, replaced, unchanged } = counts;
  const did = `${created} created, ${replaced} replaced, ${unchanged} there already, ${failures.length} refused`;
  console.log(isDry ? `Nothing was written. It would be: ${did}` : `${did}; ${verified.length} verified`);
  for (const failure of failures) console.log(`  ${failure}`);
  if (failures.length > 0) process.exitCode = 1;
}
