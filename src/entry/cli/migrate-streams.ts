import { resolve } from 'node:path';
import { decodeDefinition, UnreadableDefinition } from '../../domain/stream-definition-file.ts';
import { LOCAL_CALLER } from '../../services/authenticate.ts';
import { takeOverStream } from '../../services/import-streams.ts';
import { unlessRefused } from '../../services/migrate-report.ts';
import { nameSome } from '../../services/stream-files.ts';
import { AppError } from '../../domain/app-error.ts';
import type { MigrationTarget } from '../migration-target.ts';
import { openDefinitionDirectory } from './definition-directory.ts';
import { showMigration, type MigrationSummary } from './migrate-output.ts';

/** Takes over the definitions of streams in a directory, one JSON file each. One of other content stays. */
export async function migrateStreams(directory: string, target: MigrationTarget): Promise<MigrationSummary> {
  const { tenantId } = LOCAL_CALLER;
  const isDryRun = target.home === null;
  const folder = await openDefinitionDirectory(resolve(directory), { tenantId, use: 'read' });
  const shown = showMigration('streams');
  const { report } = shown;
  const counts = { created: 0, replaced: 0, unchanged: 0, conflict: 0 };
  const onOddName = (place: string) =>
    report.failure(`${JSON.stringify(place)}: no stream can have this name`);
  for await (const name of folder.listNames(onOddName)) {
    await unlessRefused(report, folder.placeOf(name), async () => {
      const there = await folder.read(name);
      // It was removed since it was listed.
      if (there === null) return;
      const definition = decode(there.bytes, name);
      const options = { overwrites: false, isDryRun };
      const { result, missing } = await takeOverStream(target.ports, LOCAL_CALLER, definition, options);
      counts[result] += 1;
      if (missing.length > 0) report.note(`stream ${name}: not in the library: ${nameSome(missing)}`);
      if (result === 'conflict')
        report.failure(`stream ${name}: there is one of other content; it was left as it is`);
    });
    report.progress(`stream ${name}`);
  }
  shown.finish();
  folder.close();
  const { created, unchanged } = counts;
  return { lines: [`${created} streams taken over, ${unchanged} there already`], failures: shown.failures() };
}

function decode(bytes: Uint8Array, name: string) {
  try {
    return decodeDefinition(bytes, LOCAL_CALLER.tenantId, name);
  } catch (error) {
    if (error instanceof UnreadableDefinition)
      throw new AppError('invalid_input', error.message, { cause: error });
    throw error;
  }
}
