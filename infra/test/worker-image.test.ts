import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BUNDLE_NAMES, checkBundles } from '../lib/bundles.ts';
import { EarshotStack } from '../lib/earshot-stack.ts';
import { readOptions } from '../lib/options.ts';
import { emptyBundles, makeApp, temporaryDirectory } from './synthesised.ts';

const options = readOptions({ environment: 'prod' });
const nowhere = temporaryDirectory();

it('is put together of all that its Dockerfile copies', () => {
  const app = makeApp();
  const stack = new EarshotStack(app, 'earshot', { options, ...emptyBundles() });
  app.synth();
  const assets = JSON.parse(readFileSync(join(app.outdir, 'earshot.assets.json'), 'utf8')) as {
    dockerImages: Record<string, { source: { directory: string; platform: string } }>;
  };
  const [image, ...others] = Object.values(assets.dockerImages);
  expect(others).toEqual([]);
  expect(image?.source.platform).toBe('linux/arm64');
  const directory = join(app.outdir, image?.source.directory ?? '');
  const dockerfile = readFileSync(join(directory, 'Dockerfile'), 'utf8');
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(\S+) /gm)].map(([, source = '']) => source);
  expect(copied).toEqual(['secrets-extension.zip', 'bundle/']);
  for (const source of copied) expect([source, existsSync(join(directory, source))]).toEqual([source, true]);
  expect(existsSync(join(directory, 'bundle', 'index.mjs'))).toBe(true);
  expect(stack.stackName).toBe('earshot');
});

it('has every base pinned, and nothing of arm64 run while it is built', () => {
  const dockerfile = readFileSync(join(import.meta.dirname, '..', 'worker-image', 'Dockerfile'), 'utf8');
  const bases = [...dockerfile.matchAll(/^FROM (?:--platform=\S+ )?(\S+)/gm)].map(([, base = '']) => base);
  expect(bases).toHaveLength(3);
  for (const base of bases) expect(base).toMatch(/:\d+(\.\d+)*$/);
  for (const stage of dockerfile.split(/^(?=FROM )/m)) {
    if (/^RUN /m.test(stage)) expect(stage).toContain('--platform=$BUILDPLATFORM');
  }
});

it('is asked for in one line when the extension is not there', () => {
  const places = { ...emptyBundles(), extensionFile: join(nowhere, 'secrets-extension.zip') };
  expect(() => new EarshotStack(makeApp(), 'earshot', { options, ...places })).toThrow(
    'run `npm run fetch:extension -- --region …`',
  );
});

it('and so are the functions when they are not built', () => {
  expect(() => checkBundles(nowhere)).toThrow(
    `The functions are not built (${BUNDLE_NAMES.join(', ')}): run \`npm run build:lambda\``,
  );
});
