import { pino, type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import type { Config } from './config.ts';

// The last net: what logs a header or a credential by mistake logs this instead.
const SECRET_PATHS = [
  'req.headers.authorization',
  'req.headers.cookie',
  'authorization',
  'cookie',
  'password',
  'token',
  'secret',
  'key_value',
  '*.password',
  '*.token',
  '*.authorization',
  '*.cookie',
];

/** One JSON object a line. */
export const createJsonLogger = (
  level: Config['logLevel'],
  destination: DestinationStream = pino.destination(process.stdout.fd),
): Logger => pino(loggerOptions(level), destination);

export const loggerOptions = (level: Config['logLevel']): LoggerOptions => ({
  level,
  base: null,
  // Under both names; without one, an error is logged as `{}`.
  serializers: { err: pino.stdSerializers.err, error: pino.stdSerializers.err },
  redact: { paths: SECRET_PATHS, censor: '[redacted]' },
  timestamp: () => `,"time":"${new Date().toISOString()}"`,
});
