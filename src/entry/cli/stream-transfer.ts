import { createHash } from 'node:crypto';
import { isAppError } from '../../domain/app-error.ts';
import type { Caller } from '../../domain/caller.ts';
import type { StreamDefinition } from '../../domain/stream.ts';
import {
  decodeDefinition,
  encodeDefinition,
  UnreadableDefinition,
} from '../../domain/stream-definition-file.ts';
import { exportStreams } from '../../services/export-streams.ts';
import { isSameContent, takeOverStream, type TakenOver } from '../../services/import-streams.ts';
import type { Ports } from '../../services/ports.ts';
import { nameSome } from '../../services/stream-files.ts';
import type { DefinitionFolder } from './definition-folder.ts';

export interface TransferOptions {
  readonly overwrite: boolean;
  readonly dryRun: boolean;
}

/** What was written, with the hash of what it must read back as. */
interface Written {
  readonly name: string;
  readonly sha256: string;
}

export interface TransferOutcome {
  readonly counts: Record<TakenOver['result'], number>;
  readonly written: Written[];
  /** What a person must look at, a line each. */
  readonly failures: string[];
  /** What is worth knowing, a line each. */
  readonly notes: string[];
}

type Tell = (done: number, name: string) => void;

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const emptyOutcome = (): TransferOutcome => ({
  counts: { created: 0, replaced: 0, unchanged: 0, conflict: 0 },
  written: [],
  failures: [],
  notes: [],
});

/** Each definition of the tenant, by name; what is there already is passed over, so that it can be run again. */
export async function exportInto(
  folder: DefinitionFolder,
  ports: Ports,
  caller: Caller,
  options: TransferOptions,
  tell: Tell,
): Promise<TransferOutcome> {
  const outcome = emptyOutcome();
  let done = 0;
  for await (const page of exportStreams(ports, caller)) {
    for (const stream of page) {
      await unlessRefused(outcome, folder.placeOf(stream.name), async () => {
        const bytes = encodeDefinition(stream);
        const there = await folder.read(stream.name);
        const result = exportResult(stream, there?.bytes, options);
        outcome.counts[result] += 1;
        if (result === 'conflict') outcome.failures.push(otherContent(folder.placeOf(stream.name)));
        if (result === 'conflict' || result === 'unchanged' || options.dryRun) return;
        await folder.write(stream.name, bytes, there);
        outcome.written.push({ name: stream.name, sha256: sha256Of(bytes) });
      });
      tell((done += 1), stream.name);
    }
  }
  return outcome;
}

function exportResult(
  stream: StreamDefinition,
  there: Uint8Array | undefined,
  { overwrite }: TransferOptions,
): TakenOver['result'] {
  if (there === undefined) return 'created';
  try {
    if (isSameContent(decodeDefinition(there, stream.tenantId, stream.name), stream)) return 'unchanged';
  } catch (error) {
    if (!(error instanceof UnreadableDefinition)) throw error;
  }
  return overwrite ? 'replaced' : 'conflict';
}

/** Each definition in the folder, likewise; one that cannot be taken over stops none of the others. */
export async function importFrom(
  folder: DefinitionFolder,
  ports: Ports,
  caller: Caller,
  options: TransferOptions,
  tell: Tell,
): Promise<TransferOutcome> {
  const outcome = emptyOutcome();
  const how = { overwrites: options.overwrite, isDryRun: options.dryRun };
  let done = 0;
  const names = folder.listNames((place) =>
    outcome.failures.push(`${JSON.stringify(place)}: No stream can have this name.`),
  );
  for await (const name of names) {
    const place = folder.placeOf(name);
    await unlessRefused(outcome, place, async () => {
      const there = await folder.read(name);
      // It was removed since it was listed.
      if (there === null) return;
      const read = decodeDefinition(there.bytes, caller.tenantId, name);
      const { result, missing, definition } = await takeOverStream(ports, caller, read, how);
      outcome.counts[result] += 1;
      if (missing.length > 0) outcome.notes.push(`${name}: not in the library: ${nameSome(missing)}`);
      if (result === 'conflict') outcome.failures.push(otherContent(`stream ${name}`));
      if (result === 'conflict' || result === 'unchanged' || options.dryRun) return;
      outcome.written.push({ name, sha256: sha256Of(encodeDefinition(definition)) });
    });
    tell((done += 1), name);
  }
  return outcome;
}

const otherContent = (what: string): string => `${what}: There is one of other content; see --overwrite.`;

/** Reads back all that was written. @returns the lines of those that are what they must be, as `sha256sum` has them */
export async function verify(
  outcome: TransferOutcome,
  readBack: (name: string) => Promise<Uint8Array | null>,
  placeOf: (name: string) => string,
  tell: Tell,
): Promise<string[]> {
  const lines: string[] = [];
  for (const [at, { name, sha256 }] of outcome.written.entries()) {
    await unlessRefused(outcome, placeOf(name), async () => {
      const bytes = await readBack(name);
      if (bytes !== null && sha256Of(bytes) === sha256) lines.push(`${sha256}  ${placeOf(name)}`);
      else outcome.failures.push(`${placeOf(name)}: It does not read back as it was written.`);
    });
    tell(at + 1, name);
  }
  return lines;
}

/** What concerns one definition is noted; what concerns them all is thrown. */
async function unlessRefused(
  { failures }: TransferOutcome,
  place: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const isOfOne =
      error instanceof UnreadableDefinition ||
      isAppError(error, 'invalid_input') ||
      isAppError(error, 'too_large') ||
      isAppError(error, 'conflict') ||
      isAppError(error, 'precondition_failed');
    if (!isOfOne) throw error;
    failures.push(`${place}: ${error.message}`);
  }
}
