import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makePublicKey, temporaryDirectory } from './synthesised.ts';

const INFRA = join(import.meta.dirname, '..');
const CDK = join(INFRA, '..', 'node_modules', '.bin', 'cdk');
const APP = 'node test/fixtures/app-with-empty-bundles.ts';

interface Ended {
  readonly status: number;
  readonly stderr: string;
}

/** Runs the real command, without credentials: nothing here may need an account. */
function cdk(output: string, ...args: string[]): Promise<Ended> {
  const options = ['--output', output, '--quiet', '--no-notices', '--no-version-reporting', ...args];
  const env = { ...process.env, AWS_EC2_METADATA_DISABLED: 'true', AWS_PROFILE: '', CI: 'true' };
  return new Promise((resolve) => {
    execFile(CDK, ['synth', ...options], { cwd: INFRA, env }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), stderr: stdout + stderr });
    });
  });
}

describe('cdk synth', () => {
  const output = temporaryDirectory();
  const keyFile = join(temporaryDirectory(), 'public.pem');
  writeFileSync(keyFile, makePublicKey());

  it('makes the template of the environment that is named', async () => {
    const { status, stderr } = await cdk(
      output,
      '--app',
      APP,
      '-c',
      'environment=prod',
      '-c',
      'enable_cloudfront=true',
      '-c',
      `cloudfront_public_key=${keyFile}`,
    );
    expect(stderr).not.toMatch(/error/i);
    expect(status).toBe(0);
    const template = JSON.parse(readFileSync(join(output, 'earshot-prod.template.json'), 'utf8')) as {
      Outputs: Record<string, unknown>;
    };
    expect(Object.keys(template.Outputs).sort()).toEqual([
      'AlarmTopicArn',
      'AudioBucketName',
      'ConnectionsTableName',
      'DistributionDomainName',
      'DistributionId',
      'DynamoDBTableName',
      'FunctionUrl',
      'RequestsTableName',
      'SecretsPrefix',
      'SubscriptionsTableName',
      'WebSocketUrl',
    ]);
  });

  it('says in one line what is missing', async () => {
    const { status, stderr } = await cdk(temporaryDirectory());
    expect(status).toBe(1);
    expect(stderr).toContain('earshot: -c environment=… is missing: it takes dev or prod.\n');
    expect(stderr).not.toContain('at runApp');
  });
});
