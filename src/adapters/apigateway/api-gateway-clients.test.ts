import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { listen } from '../../../test/live-app.ts';
import {
  startWebSocketGateway,
  type WebSocketGateway,
} from '../../../test/servers/local-gateway/web-socket-gateway.ts';
import { openApiGatewayClients, type ApiGatewayClients } from './api-gateway-clients.ts';

describe('openApiGatewayClients', () => {
  let gateway: WebSocketGateway;
  let clients: ApiGatewayClients;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'testtest' };
  beforeEach(async () => {
    gateway = await startWebSocketGateway({ invoke: async () => ({ statusCode: 200 }) });
    const { endpoint } = gateway;
    clients = openApiGatewayClients({ endpoint, region: 'eu-central-1', credentials });
  });
  afterEach(async () => {
    clients.close();
    await gateway.stop();
  });

  async function connect() {
    const socket = new WebSocket(gateway.url);
    const client = listen(socket);
    await once(socket, 'open');
    return { client, connectionId: gateway.connectionIds[0] ?? '' };
  }

  it('tells a client, and says when it is gone', async () => {
    const { client, connectionId } = await connect();
    expect(await clients.post(connectionId, '{"type":"pong","text":"für alle"}')).toBe('taken');
    expect(await client.next()).toEqual({ type: 'pong', text: 'für alle' });
    await clients.disconnect(connectionId);
    await client.closed;
    await expect.poll(() => clients.post(connectionId, '{}')).toBe('gone');
    await clients.disconnect(connectionId);
    expect(await clients.post('nothing/of this=', '{}')).toBe('gone');
  });

  it('says what is too large, and when nobody answers', async () => {
    const { connectionId } = await connect();
    const huge = clients.post(connectionId, 'x'.repeat(128 * 1024 + 1));
    await expect(huge).rejects.toMatchObject({ code: 'too_large' });
    const nobody = openApiGatewayClients({
      endpoint: 'http://127.0.0.1:9/live',
      region: 'eu-central-1',
      credentials,
      maxAttempts: 1,
    });
    await expect(nobody.post(connectionId, '{}')).rejects.toMatchObject({ code: 'storage_unavailable' });
    await expect(nobody.disconnect(connectionId)).rejects.toMatchObject({ code: 'storage_unavailable' });
    nobody.close();
  });
});
