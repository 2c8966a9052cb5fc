import type { JsonValue } from '../src/domain/request.ts';
import { DEFAULT_RETRY, type ActionHandler, type QueuedAction } from '../src/services/actions/action.ts';
import { createActionRegistry, type ActionRegistry } from '../src/services/actions/action-registry.ts';
import type { PayloadSchema } from '../src/domain/payload-schema.ts';

/** Takes whatever comes. */
export const anyPayload: PayloadSchema<JsonValue> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => ({ value: value as JsonValue }),
  },
};

export const queuedAction = (
  name: string,
  handle: ActionHandler,
  change: Partial<QueuedAction<JsonValue>> = {},
): QueuedAction<JsonValue> => ({
  kind: 'queued',
  name,
  summary: 'For a test.',
  permission: 'write',
  payload: anyPayload,
  expectedMs: 1000,
  retry: DEFAULT_RETRY,
  handle,
  ...change,
});

/** One queued action for each handler. */
export const registryOf = (handlers: Readonly<Record<string, ActionHandler>>): ActionRegistry =>
  createActionRegistry(Object.entries(handlers).map(([name, handle]) => queuedAction(name, handle)));
