/** The environment asks for what cannot be; the message is for the operator. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** @param what names the variable, never its value */
export const unusable = (variable: string, what: string): ConfigError =>
  new ConfigError(`The configuration cannot be used:\n  ${variable}: ${what}`);
