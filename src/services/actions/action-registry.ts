import { AppError } from '../../domain/app-error.ts';
import type { Action, QueuedAction } from './action.ts';

/** All that can be asked for, by name. */
export interface ActionRegistry {
  readonly names: readonly string[];
  readonly all: readonly Action[];
  /** What workers have to do. */
  readonly queued: ReadonlyMap<string, QueuedAction<unknown>>;
  /** @throws invalid_input that lists the known ones */
  get(name: string): Action;
}

/** @throws Error when two have the same name */
export function createActionRegistry(actions: readonly Action[]): ActionRegistry {
  const byName = new Map(actions.map((action) => [action.name, action]));
  if (byName.size < actions.length) throw new Error('Two actions have the same name.');
  const names = [...byName.keys()].sort();
  const queued = new Map(
    actions.flatMap((action) => (action.kind === 'queued' ? [[action.name, action] as const] : [])),
  );
  return {
    names,
    all: names.flatMap((name) => byName.get(name) ?? []),
    queued,
    get(name) {
      const action = byName.get(name);
      if (action !== undefined) return action;
      throw new AppError('invalid_input', `There is no such action. Known are: ${names.join(', ')}.`, {
        details: { actions: names },
        errors: [{ field: 'action', message: `Must be one of: ${names.join(', ')}.` }],
      });
    },
  };
}
