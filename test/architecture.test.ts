import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const src = join(root, 'src');

/** Which rooms a room may import from; `node:` says whether it may use Node's own modules. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  audio: ['domain', 'node:crypto'],
  services: ['domain', 'audio', 'node:'],
  adapters: ['domain', 'node:', 'packages'],
  http: ['services', 'audio', 'domain', 'node:', 'packages'],
  entry: ['http', 'services', 'audio', 'adapters', 'domain', 'node:', 'packages'],
};

/** What adapters share: of one maker's services what these have in common, of engines how a program of them is run. */
const SHARED: Readonly<Record<string, readonly string[]>> = {
  aws: ['apigateway', 'aws-transcribe', 'dynamodb', 'polly', 's3'],
  'engine-process': ['pocketsphinx', 'sherpa'],
};

interface Import {
  readonly from: string;
  readonly to: string;
}

interface Source {
  readonly path: string;
  readonly text: string;
}

const readSources = (directory: string): Source[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path, text: readFileSync(join(directory, path), 'utf8') }));

const isTest = ({ path }: Source): boolean => path.endsWith('.test.ts');
const sourcesAndTests = readSources(src);
const sources = sourcesAndTests.filter((source) => !isTest(source));
const tests = [...sourcesAndTests.filter(isTest), ...readSources(join(root, 'test'))];

const pathsWhere = (all: readonly Source[], isMeant: (source: Source) => boolean): string[] =>
  all.filter(isMeant).map(({ path }) => path);

const IMPORT = /^(?:import|export)\s[^;'"]*?\bfrom\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm;

const imports: Import[] = sources.flatMap(({ path, text }) =>
  [...text.matchAll(IMPORT)].map(([, named, bare, dynamic]) => {
    const specifier = named ?? bare ?? dynamic ?? '';
    return {
      from: path,
      to: specifier.startsWith('.') ? relative(src, resolve(src, dirname(path), specifier)) : specifier,
    };
  }),
);

const roomOf = (path: string) => path.split('/')[0] ?? '';

function mayImport({ from, to }: Import): boolean {
  const room = roomOf(from);
  const allowed = MAY_IMPORT[room] ?? [];
  if (to.startsWith('node:')) return allowed.some((rule) => rule === 'node:' || rule === to);
  if (!to.endsWith('.ts')) return allowed.includes('packages');
  const target = roomOf(to);
  if (target !== room) return allowed.includes(target);
  const [adapter = '', other = ''] = [from, to].map((path) => path.split('/')[1]);
  return room !== 'adapters' || adapter === other || SHARED[other]?.includes(adapter) === true;
}

describe('the architecture', () => {
  it('reads the sources', () => {
    expect(sources.length).toBeGreaterThan(50);
    expect(imports.length).toBeGreaterThan(sources.length);
  });

  it('knows every room', () => {
    expect([...new Set(sources.map(({ path }) => roomOf(path)))].sort()).toEqual(
      Object.keys(MAY_IMPORT).sort(),
    );
  });

  it('has no arrow that points the wrong way', () => {
    expect(imports.filter((edge) => !mayImport(edge)).map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('authorizes in services/ alone', () => {
    const outside = imports.filter(
      ({ from, to }) => to === 'services/authorize.ts' && roomOf(from) !== 'services',
    );
    expect(outside.map(({ from }) => from)).toEqual([]);
  });

  it('has no circle of imports', () => {
    const edges = new Map<string, string[]>();
    for (const { from, to } of imports) edges.set(from, [...(edges.get(from) ?? []), to]);
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, trail: readonly string[]): void => {
      if (trail.includes(file)) circles.push([...trail.slice(trail.indexOf(file)), file].join(' → '));
      if (done.has(file) || trail.includes(file)) return;
      for (const next of edges.get(file) ?? []) visit(next, [...trail, file]);
      done.add(file);
    };
    for (const { path } of sources) visit(path, []);
    expect(circles).toEqual([]);
  });

  it('reads the environment in entry/ alone', () => {
    const readers = pathsWhere(
      sources,
      ({ path, text }) => roomOf(path) !== 'entry' && /\bprocess\.env\b|\bloadEnvFile\b/.test(text),
    );
    expect(readers).toEqual([]);
  });

  it('is told the time, and in domain/ and audio/ what is random', () => {
    const strict = pathsWhere(
      sources,
      ({ path, text }) =>
        ['domain', 'audio', 'services'].includes(roomOf(path)) &&
        /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b/.test(text),
    );
    expect(strict).toEqual([]);
    const random = pathsWhere(
      sources,
      ({ path, text }) => ['domain', 'audio'].includes(roomOf(path)) && /\bMath\.random\b/.test(text),
    );
    expect(random).toEqual([]);
  });

  it('writes to the terminal in the command line alone', () => {
    const writers = pathsWhere(
      sources,
      ({ path, text }) => roomOf(path) !== 'entry' && /\bconsole\.|\bprocess\.std(?:out|err)\b/.test(text),
    );
    expect(writers).toEqual([]);
  });

  it('has no barrel and no file named after nothing', () => {
    const names = sources
      .map(({ path }) => path)
      .filter((path) => /(^|\/)(index|utils?|helpers?|common|misc|managers?)[.-]/.test(path));
    expect(names).toEqual([]);
    expect(pathsWhere(sources, ({ text }) => /^export (?:\*|\{[^}]*\} from)/m.test(text))).toEqual([]);
    expect(pathsWhere(sources, ({ text }) => /^export default\b/m.test(text))).toEqual([]);
  });

  it('has no file that nobody can read in one go', () => {
    expect(pathsWhere(sources, ({ text }) => text.split('\n').length > 301)).toEqual([]);
  });

  it('silences no rule and leaves out no test', () => {
    const all = [...sources, ...tests];
    const silenced = /eslint-disable|@ts-(?:ignore|expect-error|nocheck)|prettier-ignore/;
    // The two that look for it.
    const others = all.filter(({ path }) => !/^(?:page-)?architecture\.test\.ts$/.test(path));
    expect(pathsWhere(others, ({ text }) => silenced.test(text))).toEqual([]);
    expect(
      pathsWhere(tests, ({ text }) => /\b(?:it|test|describe)\.(?:only|todo|skip)\b/.test(text)),
    ).toEqual([]);
  });
});
