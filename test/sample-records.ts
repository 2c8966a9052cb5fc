import type { AudioFile, PlayablePart } from '../src/domain/audio-file.ts';
import type { AsyncRequest } from '../src/domain/request.ts';
import type { User } from '../src/domain/user.ts';

export const START_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

export function audioFile(filename: string, change: Partial<AudioFile> = {}): AudioFile {
  return {
    tenantId: 'default',
    filename,
    revision: 0,
    originalFilename: filename,
    title: '',
    description: '',
    tags: [],
    state: 'ready',
    durationMs: 1000,
    originalSizeBytes: 1,
    originalSha256: `sha-${filename}`,
    createdBy: '1',
    transcriptStatus: 'disabled',
    hasTranscript: false,
    createdAtMs: START_MS,
    updatedAtMs: START_MS,
    ...change,
  };
}

export function playablePart(change: Partial<PlayablePart> = {}): PlayablePart {
  return {
    key: 'playable/abc.mp3',
    sha256: 'abc',
    sizeBytes: 4_180_417,
    audioStartByte: 417,
    audioBytes: 4_180_000,
    frameCount: 10_000,
    samplesPerFrame: 1152,
    sampleRateHz: 44_100,
    constantBitrate: true,
    bitrateKbps: 128,
    profileVersion: 1,
    gainSteps: -3,
    peak: 0.891,
    ...change,
  };
}

export function newUser(username: string, change: Partial<User> = {}): Omit<User, 'id' | 'revision'> {
  return {
    tenantId: 'default',
    username,
    passwordHash: '$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA',
    isAdmin: false,
    isActive: true,
    createdAtMs: START_MS,
    updatedAtMs: START_MS,
    ...change,
  };
}

export function asyncRequest(requestId: string, change: Partial<AsyncRequest> = {}): AsyncRequest {
  return {
    requestId,
    action: 'work',
    payload: {},
    status: 'PROCESSING',
    userId: '1',
    tenantId: 'default',
    progress: 0,
    progressMessage: '',
    retryCount: 0,
    maxRetries: 3,
    visibleAtMs: START_MS,
    attempt: 1,
    seq: 1,
    createdAtMs: START_MS,
    ...change,
  };
}
