import {
  generateTtsPayload,
  ingestPayload,
  makeStreamPayload,
  noPayload,
  transcribePayload,
} from '../http/schemas/action-payloads.ts';
import { createActionRegistry, type ActionRegistry } from '../services/actions/action-registry.ts';
import { generateTtsAction } from '../services/actions/generate-tts-action.ts';
import { ingestAction } from '../services/actions/ingest-action.ts';
import { listActionsAction } from '../services/actions/list-actions.ts';
import { makeStreamAction } from '../services/actions/make-stream-action.ts';
import { transcribeAction } from '../services/actions/transcribe-action.ts';

type ActionPorts = Parameters<typeof generateTtsAction>[0] &
  Parameters<typeof ingestAction>[0] &
  Parameters<typeof makeStreamAction>[0] &
  Parameters<typeof transcribeAction>[0];

/** Everything that can be asked for, and that workers work on. */
export function registerActions(ports: ActionPorts): ActionRegistry {
  const registry: ActionRegistry = createActionRegistry([
    ingestAction(ports, ingestPayload),
    transcribeAction(ports, transcribePayload),
    generateTtsAction(ports, generateTtsPayload),
    makeStreamAction(ports, makeStreamPayload),
    listActionsAction(() => registry.all, noPayload),
  ]);
  return registry;
}
