import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';
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

/** One JSON object a line; readable lines when a person watches. */
export function createLogger(
  level: Config['logLevel'],
  isTerminal: boolean,
  output: NodeJS.WriteStream & { fd: number } = process.stdout,
): Logger {
  const options = {
    level,
    base: null,
    // Under both names; without one, an error is logged as `{}`.
    serializers: { err: pino.stdSerializers.err, error: pino.stdSerializers.err },
    redact: { paths: SECRET_PATHS, censor: '[redacted]' },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
  };
  if (!isTerminal) return pino(options, pino.destination(output.fd));
  return pino(
    options,
    pretty({
      colorize: true,
      sync: true,
      destination: output,
      singleLine: true,
      translateTime: 'SYS:HH:MM:ss',
      ignore: 'reqId',
    }),
  );
}
