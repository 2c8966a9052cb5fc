/** Of an exception of the SDK the code that the service gave: `NoSuchKey`, `ThrottlingException`. */
export const errorName = (error: unknown): string => (error instanceof Error ? error.name : '');
