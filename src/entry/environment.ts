import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadEnvFile } from 'node:process';
import { readConfig, type Config } from './config.ts';

/** The process's environment, with `.env` of the working directory beneath it. @throws ConfigError */
export function readEnvironment(): Config {
  const file = join(process.cwd(), '.env');
  if (existsSync(file)) loadEnvFile(file);
  return readConfig(process.env, process.cwd());
}
