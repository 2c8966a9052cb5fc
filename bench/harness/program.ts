import { join } from 'node:path';
import { call, upload } from '../../test/e2e/client.ts';
import { makeDataDirectory, startProgram, type Program } from '../../test/e2e/program.ts';

/** Our server as a stranger would run it: the program itself, in a directory of its own, on a port of its own. */
export interface BenchProgram extends Program {
  readonly dataDir: string;
  /** Ends it, and removes its directory. @throws when it did not end well */
  close(): Promise<void>;
}

/** AUTH=off; what it logs goes to a file in its directory. */
export const startBenchProgram = (
  dataDir: string,
  environment: Record<string, string> = {},
): Promise<Program> =>
  startProgram(dataDir, { AUTH: 'off', ...environment }, join(dataDir, `program-${Date.now()}.log`));

/** AUTH=off and quiet, unless `environment` says otherwise. */
export async function openProgram(environment: Record<string, string> = {}): Promise<BenchProgram> {
  const data = await makeDataDirectory();
  try {
    const program = await startProgram(
      data.path,
      { AUTH: 'off', ...environment },
      join(data.path, 'program.log'),
    );
    return {
      ...program,
      dataDir: data.path,
      close: async () => {
        const exitCode = await program.stop();
        await data.remove();
        if (exitCode !== 0) throw new Error(`The program ended with ${exitCode}.\n${program.output.stderr}`);
      },
    };
  } catch (error) {
    await data.remove();
    throw error;
  }
}

/** Uploads a file and waits until it is ready. @returns its name in the library */
export async function addFile(
  program: Pick<Program, 'url'>,
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const { status, body } = await upload(program.url, name, bytes);
  if (status === 201) return String(body['filename']);
  if (status !== 202)
    throw new Error(`The upload of ${name} was answered ${status}: ${JSON.stringify(body)}`);
  for (;;) {
    const request = await call(program.url, `/api/requests/${String(body['request_id'])}`, {
      headers: { prefer: 'wait=30' },
    });
    const state = String(request.body['status']);
    if (state === 'COMPLETED') return String((request.body['result'] as { filename: unknown }).filename);
    if (['FAILED', 'CANCELLED'].includes(state)) {
      throw new Error(`${name} was not taken in: ${JSON.stringify(request.body)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** Makes a stream of these files. */
export async function putQueue(
  program: Pick<Program, 'url'>,
  stream: string,
  files: readonly string[],
): Promise<void> {
  const { status, body } = await call(program.url, `/api/streams/${stream}/queue`, {
    method: 'PUT',
    json: { files },
  });
  if (status !== 200 && status !== 201) {
    throw new Error(`The queue was answered ${status}: ${JSON.stringify(body)}`);
  }
}
