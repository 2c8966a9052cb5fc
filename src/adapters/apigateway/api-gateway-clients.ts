import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  PostToConnectionCommand,
  type ApiGatewayManagementApiClientConfig,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { AppError } from '../../domain/app-error.ts';
import type { ClientGateway } from '../../domain/client-gateway.ts';
import { clientOptions, type ServiceOptions } from '../aws/client-options.ts';
import { errorName } from '../aws/error-name.ts';

export interface ApiGatewayOptions extends ServiceOptions<
  ApiGatewayManagementApiClientConfig['credentials']
> {
  /** `https://{api}.execute-api.{region}.amazonaws.com/{stage}` */
  readonly endpoint: string;
}

export interface ApiGatewayClients extends ClientGateway {
  close(): void;
}

const REQUEST_TIMEOUT_MS = 5000;
/** The first: its connection has ended. The other: what the id is made of says that there can be no such connection. */
const GONE: ReadonlySet<string> = new Set(['GoneException', 'BadRequestException']);

/** Clients of a WebSocket API of API Gateway, by its management API (`@connections`). What is throttled is tried again. */
export function openApiGatewayClients(options: ApiGatewayOptions): ApiGatewayClients {
  const client = new ApiGatewayManagementApiClient(clientOptions(options, REQUEST_TIMEOUT_MS));
  return {
    async post(ConnectionId, text) {
      try {
        await client.send(new PostToConnectionCommand({ ConnectionId, Data: Buffer.from(text) }));
        return 'taken';
      } catch (error) {
        if (GONE.has(errorName(error))) return 'gone';
        throw translate(error);
      }
    },

    async disconnect(ConnectionId) {
      try {
        await client.send(new DeleteConnectionCommand({ ConnectionId }));
      } catch (error) {
        if (!GONE.has(errorName(error))) throw translate(error);
      }
    },

    close: () => client.destroy(),
  };
}

function translate(cause: unknown): AppError {
  return errorName(cause) === 'PayloadTooLargeException'
    ? new AppError('too_large', 'This message is larger than the gateway carries.', { cause })
    : new AppError('storage_unavailable', 'The gateway of the clients does not answer.', { cause });
}
