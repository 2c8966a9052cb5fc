import { AppError, isAppError } from '../domain/app-error.ts';
import type { AudioFile } from '../domain/audio-file.ts';
import type { ObjectStore } from '../domain/object-store.ts';
import { isOldUser, type OldRecord, type OldRecords, type OldUser } from '../domain/old-records.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import { usernameKey } from '../domain/user.ts';
import { transcriptWords } from '../domain/transcript-words.ts';
import { keepTranscript } from './kept-transcript.ts';
import { unlessRefused, type MigrationReport } from './migrate-report.ts';
import type { Ports } from './ports.ts';
import { readTranscriptObject } from './transcript-object.ts';

/** The stores of the home that the old records are in. */
export type OldRecordPorts = Pick<Ports, 'users' | 'audioFiles' | 'streams'> & {
  readonly oldRecords: OldRecords;
  /** For long transcripts. */
  readonly objects: Pick<ObjectStore, 'read' | 'write'>;
};

export interface MigrateOptions {
  /** Only say what would be done. */
  readonly isDryRun: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface UpgradedRecords {
  readonly upgraded: Readonly<Record<OldRecord['kind'], number>>;
  /** Users who gave way to another one of the same name. */
  readonly setAside: number;
  /** How many old ones there still are, as read at the end. */
  readonly left: number;
}

/** A write of a record is a transaction of several items; a table takes more of them side by side. */
const AT_ONCE = 8;

/**
 * Saves every old record as it is: from then on lists show it, searches find it and counts count it. Each is upgraded
 * whole or not at all, so that it can be killed and run again, beside a running server too.
 *
 * Of several users whose names differ in nothing but case, one stays: the one whom this program has saved already, else
 * the one that was changed last, else the service's. The others are set aside, and told.
 */
export async function migrateOldRecords(
  ports: OldRecordPorts,
  report: MigrationReport,
  { isDryRun, signal }: MigrateOptions,
): Promise<UpgradedRecords> {
  const upgraded = { user: 0, audio_file: 0, stream: 0 };
  let setAside = 0;
  const users: OldUser[] = [];

  async function each(record: OldRecord, upgrade: () => Promise<void>): Promise<void> {
    if (await unlessRefused(report, titleOf(record), upgrade)) upgraded[record.kind] += 1;
    report.progress(titleOf(record));
  }

  for await (const batch of ports.oldRecords.list(signal)) {
    users.push(...batch.filter(isOldUser));
    const others = batch.filter((record) => !isOldUser(record));
    for (let at = 0; at < others.length; at += AT_ONCE) {
      const some = others.slice(at, at + AT_ONCE);
      await Promise.all(some.map((record) => each(record, () => upgradeOther(ports, record, isDryRun))));
    }
  }

  // All are known by now: the spelling of one key does not tell where another user of the same name is.
  for (const group of Map.groupBy(users, ({ username }) => usernameKey(username)).values()) {
    const { stays, others } = await decide(ports.oldRecords, group);
    for (const other of others) {
      const isDone = await unlessRefused(report, titleOf(other), () =>
        giveWay(ports.oldRecords, other, stays, report, isDryRun),
      );
      if (isDone) setAside += 1;
    }
    if (stays !== null) await each(stays, () => upgradeUser(ports, stays, report, isDryRun));
  }
  return { upgraded, setAside, left: await countOld(ports.oldRecords, signal) };
}

async function countOld(oldRecords: OldRecords, signal: AbortSignal | undefined): Promise<number> {
  let count = 0;
  for await (const batch of oldRecords.list(signal)) count += batch.length;
  return count;
}

interface Decision {
  /** null where a user whom this program has saved has the name. */
  readonly stays: OldUser | null;
  readonly others: readonly OldUser[];
}

async function decide(oldRecords: OldRecords, group: readonly OldUser[]): Promise<Decision> {
  const sorted = [...group].sort(
    (a, b) => b.changedAtMs - a.changedAtMs || Number(b.isOfService) - Number(a.isOfService),
  );
  const [newest = null, ...others] = sorted;
  if (newest !== null && (await oldRecords.isNameSaved(newest.username)))
    return { stays: null, others: sorted };
  return { stays: newest, others };
}

async function giveWay(
  oldRecords: OldRecords,
  user: OldUser,
  stays: OldUser | null,
  report: MigrationReport,
  isDryRun: boolean,
): Promise<void> {
  const winner = stays === null ? 'one that is upgraded already' : `the one at ${stays.place}`;
  const place = isDryRun ? 'another key' : await oldRecords.setAside(user);
  report.note(`${titleOf(user)} gives way to ${winner}, which has the same name; it is kept at ${place}`);
}

async function upgradeUser(
  { users, oldRecords }: OldRecordPorts,
  old: OldUser,
  report: MigrationReport,
  isDryRun: boolean,
): Promise<void> {
  if (old.damage !== undefined) throw new AppError('internal', old.damage);
  if (!old.hasKnownHash) {
    report.note(
      `${titleOf(old)} has a password that cannot be checked; set another: npx earshot user password ${old.username}`,
    );
  }
  if (isDryRun) return;
  await unlessSavedMeanwhile(
    async () => {
      const user = await users.findByName(old.name);
      if (user === null) throw new AppError('conflict', 'Its key is not spelled as any that is looked for.');
      if (user.revision === 0) await users.save(user, 0);
    },
    () => oldRecords.isNameSaved(old.username),
  );
}

async function upgradeOther(
  { audioFiles, streams, oldRecords, objects }: OldRecordPorts,
  old: OldRecord,
  isDryRun: boolean,
): Promise<void> {
  const { kind, name } = old;
  if (kind === 'audio_file') {
    const file = await audioFiles.find(DEFAULT_TENANT, name);
    if (file === null || file.revision > 0 || isDryRun) return;
    await moveLongTranscript(oldRecords, objects, old);
    const isSaved = async () => (await audioFiles.find(DEFAULT_TENANT, name))?.revision !== 0;
    await unlessSavedMeanwhile(async () => {
      const moved = (await audioFiles.find(DEFAULT_TENANT, name)) ?? file;
      await audioFiles.save(moved, 0, { transcriptWords: await readWords(objects, moved) });
    }, isSaved);
    return;
  }
  const stream = await streams.find(DEFAULT_TENANT, name);
  if (stream === null || isDryRun) return;
  const { revision, ...definition } = stream;
  // Whoever was faster has upgraded it as well.
  const isSaved = async () => (await streams.find(DEFAULT_TENANT, name))?.revision !== revision;
  await unlessSavedMeanwhile(() => streams.save(definition, revision), isSaved);
}

/** A running server upgrades what it saves, and deletes. */
async function unlessSavedMeanwhile(
  save: () => Promise<unknown>,
  isSaved: () => Promise<boolean>,
): Promise<void> {
  try {
    await save();
  } catch (error) {
    const isOvertaken = ['conflict', 'not_found', 'precondition_failed'] as const;
    if (!isOvertaken.some((code) => isAppError(error, code)) || !(await isSaved())) throw error;
  }
}

function titleOf({ kind, place, name }: OldRecord): string {
  if (kind === 'user') return `user ${name} at ${place}`;
  return `${kind === 'stream' ? 'stream' : 'audio file'} ${name}`;
}

/** An item that is nearly full of its transcript has no room for what the upgrade adds. */
async function moveLongTranscript(
  oldRecords: OldRecords,
  objects: Pick<ObjectStore, 'write'>,
  file: OldRecord,
): Promise<void> {
  const transcript = await oldRecords.readTranscript(file);
  if (transcript === null) return;
  const kept = await keepTranscript(objects, transcript);
  if ('transcriptText' in kept) return;
  const { transcriptKey: key, transcriptExcerpt: excerpt } = kept;
  await oldRecords.replaceTranscript(file, transcript, { key, excerpt });
}

/** By which the upgraded record is found. */
async function readWords(
  objects: Pick<ObjectStore, 'read'>,
  { transcriptKey, transcriptText }: AudioFile,
): Promise<string[]> {
  if (transcriptKey === undefined) return transcriptWords([transcriptText ?? '']);
  const { text } = await readTranscriptObject(objects, transcriptKey);
  return transcriptWords([text ?? '']);
}
