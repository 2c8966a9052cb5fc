import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** A model as the releases of k2-fsa/sherpa-onnx have them, known by the names of its files. */
export interface SherpaModel {
  readonly kind: 'whisper' | 'transducer' | 'moonshine' | 'senseVoice' | 'paraformer' | 'nemoCtc';
  /** Of its directory, for people. */
  readonly name: string;
  /** Another one for another model in the same directory: what was heard with the first is not of the second. */
  readonly version: string;
  readonly tokens: string;
  /** By what sherpa-onnx calls them. */
  readonly files: Readonly<Record<string, string>>;
}

export type FoundSherpaModel = { readonly model: SherpaModel } | { readonly problem: string };

interface Layout {
  readonly kind: SherpaModel['kind'];
  /** How the name of the directory begins to tell, where file names do not. */
  readonly directory?: RegExp;
  readonly files: Readonly<Record<string, RegExp>>;
}

const onnx = (name: string): RegExp => new RegExp(`${name}.*\\.(?:onnx|ort)$`);

/** The first whose files are all there is meant: a transducer has an encoder and a decoder too. */
const LAYOUTS: readonly Layout[] = [
  {
    kind: 'transducer',
    files: { encoder: onnx('^encoder'), decoder: onnx('^decoder'), joiner: onnx('^joiner') },
  },
  { kind: 'whisper', files: { encoder: onnx('-encoder'), decoder: onnx('-decoder') } },
  {
    kind: 'moonshine',
    files: {
      preprocessor: onnx('^preprocess'),
      encoder: onnx('^encode'),
      uncachedDecoder: onnx('^uncached_decode'),
      cachedDecoder: onnx('^cached_decode'),
    },
  },
  { kind: 'senseVoice', directory: /sense-?voice/i, files: { model: onnx('^model') } },
  { kind: 'paraformer', directory: /paraformer/i, files: { model: onnx('^model') } },
  { kind: 'nemoCtc', directory: /nemo|parakeet/i, files: { model: onnx('^model') } },
];

/** @returns the model in a directory, or a sentence for the operator that says what is missing */
export async function findSherpaModel(directory: string): Promise<FoundSherpaModel> {
  let names: string[];
  try {
    names = (await readdir(directory)).sort();
  } catch {
    return { problem: 'there is no such directory, or it cannot be read' };
  }
  const name = basename(directory);
  if (names.some((file) => /-chunk-\d+-left-/.test(file))) {
    return { problem: 'this is a streaming model; an offline one is needed (docs/speech.md)' };
  }
  const tokens = names.find((file) => /(?:^|-)tokens\.txt$/.test(file));
  for (const layout of LAYOUTS) {
    const files = filesOf(layout, names);
    if (files === null || layout.directory?.test(name) === false) continue;
    if (tokens === undefined) return { problem: `it has a ${layout.kind} model, and tokens.txt is missing` };
    const version = await versionOf(directory, [tokens, ...Object.values(files)]);
    if (version === null) return { problem: `the files of the ${layout.kind} model cannot be read` };
    const paths = Object.entries(files).map(([role, file]) => [role, join(directory, file)] as const);
    const model = { kind: layout.kind, name: plainName(name), version, tokens: join(directory, tokens) };
    return { model: { ...model, files: Object.fromEntries(paths) } };
  }
  if (names.some((file) => onnx('^model').test(file))) {
    const what =
      'the directory must keep the name it had in its archive, with sense-voice, paraformer or nemo in it';
    return { problem: `which kind of model model.onnx is cannot be seen: ${what}` };
  }
  const parts = names.filter((file) => /\.(?:onnx|ort)$/.test(file));
  const there = parts.length === 0 ? 'no .onnx files' : `only ${parts.join(', ').slice(0, 200)}`;
  return { problem: `no whole model is in it: ${there} (docs/speech.md says which to get)` };
}

/** The smaller int8 of two that are there. */
function filesOf({ files }: Layout, names: readonly string[]): Record<string, string> | null {
  const found: Record<string, string> = {};
  for (const [role, pattern] of Object.entries(files)) {
    const candidates = names.filter((name) => pattern.test(name));
    const file = candidates.find((name) => name.includes('int8')) ?? candidates[0];
    if (file === undefined) return null;
    found[role] = file;
  }
  return found;
}

/** By size and time: a large model is not read for it. @returns null for one that is not there, as behind a link that leads nowhere */
async function versionOf(directory: string, names: readonly string[]): Promise<string | null> {
  try {
    const states = await Promise.all(names.map((name) => stat(join(directory, name))));
    const parts = states.map(({ size, mtimeMs }, at) => [names[at], size, mtimeMs]);
    return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8);
  } catch {
    return null;
  }
}

const plainName = (name: string): string => name.replace(/[^A-Za-z0-9_.-]/g, '_').slice(0, 100);
