import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ParametersExtensionServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** The Parameters and Secrets extension, as AWS documents it, with these parameters. */
export async function startParametersExtension(
  parameters: Readonly<Record<string, string>>,
  sessionToken: string,
): Promise<ParametersExtensionServer> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    const name = url.searchParams.get('name') ?? '';
    const value = parameters[name];
    const isAllowed =
      request.headers['x-aws-parameters-secrets-token'] === sessionToken &&
      url.pathname === '/systemsmanager/parameters/get';
    if (!isAllowed) response.writeHead(403).end();
    else if (value === undefined) response.writeHead(400).end('{"__type":"ParameterNotFound"}');
    else response.end(JSON.stringify({ Parameter: { Name: name, Value: value } }));
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
