import { call } from './client.ts';
import { ADMIN_PASSWORD, startFunctionHome } from './function-home.ts';
import type { Program } from './program.ts';

/**
 * The AWS home on loopback in place of the program: the HTTP function behind its URL, tables, a bucket and a worker.
 * With `AUTH=off`, which functions refuse, whoever brings no credentials is the administrator.
 */
export async function startFunctionProgram(
  dataDir: string,
  { AUTH, ...environment }: Record<string, string>,
): Promise<Program> {
  const home = await startFunctionHome({ dataDir, environment });
  if (AUTH === 'off') {
    const json = { username: 'admin', password: environment['ADMIN_PASSWORD'] ?? ADMIN_PASSWORD };
    const { body } = await call(home.url, '/api/user/login', { method: 'POST', json });
    home.functionUrl.authorization = `Bearer ${String(body['token'])}`;
  }
  const stop = async () => {
    await home.stop();
    return 0;
  };
  return {
    url: home.url,
    pid: home.worker.pid,
    get output() {
      return { stdout: home.http.log, stderr: home.functionUrl.failures.join('\n') };
    },
    stop,
    kill: async () => void (await stop()),
  };
}
