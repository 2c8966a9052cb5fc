import { readFileSync } from 'node:fs';

export interface Instruction {
  readonly name: string;
  readonly text: string;
  /** 0 for the first stage. */
  readonly stage: number;
}

/** The instructions of a Dockerfile, continued lines joined. */
export function readDockerfile(path: string): Instruction[] {
  const joined = readFileSync(path, 'utf8')
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n\s*/g, '');
  let stage = -1;
  return joined
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name = '', text = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
      if (name === 'FROM') stage += 1;
      return { name, text, stage };
    });
}

/** What a `COPY` takes from the directory that the image is built from; nothing when it takes it from another stage. */
export function copiedFromContext({ text }: Instruction): string[] {
  const words = text.split(/\s+/);
  return words[0]?.startsWith('--from=') === true ? [] : words.slice(0, -1);
}

/** The variables of an `ENV`. */
export function variablesOf({ text }: Instruction): Record<string, string> {
  return Object.fromEntries(
    text.split(/\s+/).map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

/** The words of a command in exec form. @throws where a shell would run it */
export function execForm({ text }: Instruction): string[] {
  const words: unknown = JSON.parse(text.replace(/^.*?(?=\[)/, ''));
  if (!Array.isArray(words)) throw new Error(`${text} is no list.`);
  return words.map(String);
}
