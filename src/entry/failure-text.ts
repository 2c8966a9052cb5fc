import { isAppError } from '../domain/app-error.ts';
import { ConfigError } from './config-error.ts';

/** What the operator can mend is said in a sentence; anything else keeps its stack. */
export function failureText(error: unknown): string {
  if (error instanceof ConfigError || isAppError(error)) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
