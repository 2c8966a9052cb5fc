import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { KNOWN_OPTIONS } from '../lib/options.ts';
import { CLOUDFRONT, resourcesOf, synthesise } from './synthesised.ts';

const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'aws.md'), 'utf8');

it.each(KNOWN_OPTIONS)('docs/aws.md describes -c %s', (name) => {
  expect(page).toContain(`\`${name}\``);
});

it('docs/aws.md uses outputs and choices that there are', () => {
  const { Outputs: outputs } = synthesise({ environment: 'prod', ...CLOUDFRONT }).toJSON() as {
    Outputs: Record<string, unknown>;
  };
  for (const [, name = ''] of page.matchAll(/\$\(out (\w+)/g)) expect(Object.keys(outputs)).toContain(name);
  for (const [, name = ''] of page.matchAll(/-c ([a-z_]+)=/g)) expect(KNOWN_OPTIONS).toContain(name);
});

it('docs/aws.md names the alarms that there are', () => {
  const ids = Object.keys(resourcesOf(synthesise({ environment: 'prod' }), 'AWS::CloudWatch::Alarm')).join();
  for (const name of ['Errors', 'Throttles', 'DeadLetters', 'OldRequests', 'SweepSilent']) {
    expect(page).toContain(name);
    expect(ids).toContain(name);
  }
});

it('the scripts that it names are there', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const named = [...page.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name);
  expect(named.length).toBeGreaterThan(1);
  for (const name of named) expect(Object.keys(scripts)).toContain(name);
});
