import type { PayloadSchema } from '../../domain/payload-schema.ts';
import type { JsonValue } from '../../domain/request.ts';
import type { Action, ImmediateAction } from './action.ts';

/** Tells which actions there are. */
export function listActionsAction(
  findAll: () => readonly Action[],
  payload: PayloadSchema<object>,
): ImmediateAction<object> {
  return {
    kind: 'immediate',
    name: 'list_actions',
    summary: 'Tells which actions there are.',
    permission: 'read',
    payload,
    answer: async () => ({ actions: findAll().map(describeAction) }),
  };
}

const describeAction = (action: Action): JsonValue => ({
  name: action.name,
  summary: action.summary,
  permission: action.permission,
  ...(action.kind === 'queued'
    ? { immediate: false, expected_s: action.expectedMs / 1000, max_retries: action.retry.maxRetries }
    : { immediate: true }),
});
