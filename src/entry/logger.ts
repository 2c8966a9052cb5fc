import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from './config.ts';
import { createJsonLogger, loggerOptions } from './json-logger.ts';

/** One JSON object a line; readable lines when a person watches. */
export function createLogger(
  level: Config['logLevel'],
  isTerminal: boolean,
  output: NodeJS.WriteStream & { fd: number } = process.stdout,
): Logger {
  if (!isTerminal) return createJsonLogger(level, pino.destination(output.fd));
  return pino(
    loggerOptions(level),
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
