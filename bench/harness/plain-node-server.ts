/** The peer of the cold bench, and of the hot one where nginx is missing: `plain-node-server.ts <directory> <port>`. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename, join } from 'node:path';

const [, , directory = '.', port = '0'] = process.argv;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = join(directory, basename(request.url ?? ''));
  const stats = await stat(path).catch(() => null);
  if (stats?.isFile() !== true) {
    response.writeHead(404).end();
    return;
  }
  const headers = { 'content-type': 'audio/mpeg', 'accept-ranges': 'bytes' };
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  if (from === undefined || to === undefined) {
    response.writeHead(200, { ...headers, 'content-length': stats.size });
    createReadStream(path).pipe(response);
    return;
  }
  const [start, end] = [Number(from), Math.min(Number(to), stats.size - 1)];
  const range = { 'content-range': `bytes ${start}-${end}/${stats.size}`, 'content-length': end - start + 1 };
  response.writeHead(206, { ...headers, ...range });
  createReadStream(path, { start, end }).pipe(response);
}

createServer((request, response) => {
  answer(request, response).catch((error: unknown) => response.destroy(error as Error));
}).listen(Number(port), '127.0.0.1');
