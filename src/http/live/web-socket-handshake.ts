import type { IncomingMessage } from 'node:http';

export const WEB_SOCKET_PATH = '/api/ws';

/**
 * Which requests Node takes out of HTTP, for the option `shouldUpgradeCallback` of its server. All others that offer an
 * upgrade, to HTTP/2 as some players do, are answered as if they had not: RFC 9110, 7.8.
 */
export const isWebSocketHandshake = ({ method, url, headers }: IncomingMessage): boolean =>
  method === 'GET' &&
  headers.upgrade?.toLowerCase() === 'websocket' &&
  url?.split('?', 1)[0] === WEB_SOCKET_PATH &&
  headers['content-length'] === undefined &&
  headers['transfer-encoding'] === undefined;
