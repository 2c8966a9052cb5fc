import { parseArgs } from 'node:util';
import { OptionError } from '../lib/options.ts';
import { EXTENSION_FILE, fetchSecretsExtension } from '../lib/secrets-extension-file.ts';

// `npm run fetch:extension -- --region eu-central-1`
const { values } = parseArgs({ options: { region: { type: 'string' } } });
const region = values.region ?? process.env['AWS_REGION'];
try {
  if (region === undefined) throw new OptionError('Which region? --region eu-central-1, for instance.');
  const arn = await fetchSecretsExtension(region, EXTENSION_FILE);
  process.stdout.write(`earshot: fetched ${arn}\n`);
} catch (error) {
  if (!(error instanceof OptionError)) throw error;
  process.stderr.write(`earshot: ${error.message}\n`);
  process.exitCode = 1;
}
