import { ingestPayload, noPayload } from '../http/schemas/action-payloads.ts';
import { createActionRegistry, type ActionRegistry } from '../services/actions/action-registry.ts';
import { ingestAction } from '../services/actions/ingest-action.ts';
import { listActionsAction } from '../services/actions/list-actions.ts';

/** Everything that can be asked for, and that workers work on. */
export function registerActions(ports: Parameters<typeof ingestAction>[0]): ActionRegistry {
  const registry: ActionRegistry = createActionRegistry([
    ingestAction(ports, ingestPayload),
    listActionsAction(() => registry.all, noPayload),
  ]);
  return registry;
}
