import type { JoinablePart } from '../domain/audio-file.ts';

/** What a plan needs to know of a part. */
export type PlanPart = JoinablePart;
