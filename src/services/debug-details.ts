import type { JsonObject } from '../domain/request.ts';

/** What a failure says of its debug files; kept with the request, and shown by `showDebugFiles`. */
export const debugDetails = (errorType: string, userId: string, keys: readonly string[]): JsonObject => ({
  error_type: errorType,
  user_id: userId,
  debug_keys: keys,
});

export const hasDebugFiles = (details: Readonly<Record<string, unknown>>): boolean => 'debug_keys' in details;

/** Of an error's facts those that `debugDetails` made. */
export const debugPart = (details: Readonly<Record<string, unknown>>): JsonObject => {
  const { error_type, user_id, debug_keys } = details as JsonObject;
  return { error_type, user_id, debug_keys };
};
