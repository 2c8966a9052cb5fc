// Bundles the functions of the AWS home into dist/lambda/{function}/index.mjs, handler `index.handler`:
// `npm run build:lambda [-- [--out DIRECTORY] [--sizes] [function…]]`.
import { build, type Metafile, type Plugin } from 'esbuild';
import { existsSync } from 'node:fs';
import { cp, readFile, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const root = resolve(import.meta.dirname, '..');

/** What runs on threads, and is loaded from beside its caller. */
const THREADS = ['adapters/ffmpeg/measure-thread.ts', 'adapters/tags/tag-thread.ts'];

const FUNCTIONS: Readonly<Record<string, readonly string[]>> = {
  http: [],
  websocket: [],
  worker: THREADS,
  sweep: [],
};

/** Packages for servers at home: engines that are programs, the page of the documentation, and lines for a terminal. */
const LEFT_OUT = [
  '@echogarden/espeak-ng-emscripten',
  '@fastify/swagger-ui',
  '@ffmpeg/core',
  'pino-pretty',
  'sherpa-onnx-node',
];

/** Packages in CommonJS ask for Node's own modules by `require`, which a module has not by itself. */
const REQUIRE =
  "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);";

const version = (JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string })
  .version;

/** There is no package.json beside a bundle. */
const versionPlugin: Plugin = {
  name: 'version',
  setup: (bundler) => {
    bundler.onLoad({ filter: /\/src\/entry\/version\.ts$/ }, () => ({
      contents: `export const VERSION = ${JSON.stringify(version)};`,
      loader: 'ts',
    }));
  },
};

/** Messages in all other languages, a third of the package: there are none but English ones here. */
const localesPlugin: Plugin = {
  name: 'locales',
  setup: (bundler) => {
    bundler.onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, ({ path }) => ({
      contents: `export { default as en } from './en.js';`,
      loader: 'js',
      resolveDir: dirname(path),
    }));
  },
};

/** Nobody asks for the document as YAML: its parser is not run through until somebody does. */
const yamlPlugin: Plugin = {
  name: 'yaml',
  setup: (bundler) => {
    bundler.onResolve({ filter: /^yaml$/ }, ({ importer, resolveDir, pluginData }) => {
      if (pluginData === LAZY || !importer.includes('/@fastify/swagger/')) return undefined;
      return { path: 'yaml', namespace: 'lazy', pluginData: { resolveDir } };
    });
    bundler.onLoad({ filter: /^yaml$/, namespace: 'lazy' }, ({ pluginData }) => ({
      contents: `exports.stringify = (...args) => require('yaml').stringify(...args);`,
      resolveDir: (pluginData as { resolveDir: string }).resolveDir,
      pluginData: LAZY,
    }));
  },
};
const LAZY = 'lazy';

const NO_MAP = Buffer.from('{"version":3,"sources":["package"],"mappings":"AAAA"}').toString('base64');

/** A stack names our own lines; maps of packages would take more room than their code. */
const mapsPlugin: Plugin = {
  name: 'maps',
  setup: (bundler) => {
    bundler.onLoad({ filter: /\/node_modules\/.*\.(?:js|mjs|cjs)$/ }, async ({ path }) => ({
      contents: `${await readFile(path, 'utf8')}\n//# sourceMappingURL=data:application/json;base64,${NO_MAP}`,
      loader: 'js',
    }));
  },
};

async function bundle(name: string, threads: readonly string[], outdir: string): Promise<Metafile> {
  await rm(outdir, { recursive: true, force: true });
  const threadEntries = threads.map((path) => ({
    in: join(root, 'src', path),
    out: path.slice(path.lastIndexOf('/') + 1, -'.ts'.length),
  }));
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [{ in: join(root, 'src', 'entry', `lambda-${name}.ts`), out: 'index' }, ...threadEntries],
    outdir,
    bundle: true,
    // What is imported where it is needed is a file of its own, and loaded only there.
    splitting: true,
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    platform: 'node',
    target: 'node24',
    // The ESM builds of packages, where they have one: less is left in.
    mainFields: ['module', 'main'],
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'none',
    banner: { js: REQUIRE },
    external: LEFT_OUT,
    plugins: [versionPlugin, localesPlugin, yamlPlugin, mapsPlugin],
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}

function describeSize({ outputs }: Metafile): string {
  let bytes = 0;
  for (const output of Object.values(outputs)) bytes += output.bytes;
  return `${(bytes / 1e6).toFixed(2)} MB in ${Object.keys(outputs).length} files`;
}

/** The packages that take the most of it. */
function largest({ outputs }: Metafile): string[] {
  const sizes = new Map<string, number>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? 'earshot';
      sizes.set(name, (sizes.get(name) ?? 0) + bytesInOutput);
    }
  }
  return [...sizes]
    .sort(([, a], [, b]) => b - a)
    .slice(0, 12)
    .map(([name, bytes]) => `    ${(bytes / 1000).toFixed(0).padStart(6)} kB  ${name}`);
}

const { values: options, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    sizes: { type: 'boolean', default: false },
    out: { type: 'string', default: join(root, 'dist', 'lambda') },
  },
});
for (const [name, threads] of Object.entries(FUNCTIONS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  if (!existsSync(join(root, 'src', 'entry', `lambda-${name}.ts`))) {
    console.log(`${name}: src/entry/lambda-${name}.ts is not there; left out`);
    continue;
  }
  const metafile = await bundle(name, threads, join(options.out, name));
  console.log(`${name}: ${describeSize(metafile)}, in ${join(options.out, name)}`);
  if (options.sizes) console.log(largest(metafile).join('\n'));
  // `npm` has built it before this runs.
  if (name === 'http')
    await cp(join(root, 'web', 'dist'), join(options.out, name, 'page'), { recursive: true });
}
