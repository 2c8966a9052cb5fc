/** What Node itself can do: files in memory, one buffer for an answer: `memory-node-server.ts <directory> <port>`. */
import { createServer } from 'node:http';
import { filesInMemory } from './files-in-memory.ts';

const [, , directory = '.', port = '0'] = process.argv;
const find = filesInMemory(directory);

createServer((request, response) => {
  const bytes = find(request.url ?? '');
  if (bytes === undefined) {
    response.writeHead(404).end();
    return;
  }
  const headers = { 'content-type': 'audio/mpeg', 'accept-ranges': 'bytes' };
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  if (from === undefined || to === undefined) {
    response.writeHead(200, { ...headers, 'content-length': bytes.length }).end(bytes);
    return;
  }
  const [start, end] = [Number(from), Math.min(Number(to), bytes.length - 1)];
  const range = {
    'content-range': `bytes ${start}-${end}/${bytes.length}`,
    'content-length': end - start + 1,
  };
  response.writeHead(206, { ...headers, ...range }).end(bytes.subarray(start, end + 1));
}).listen(Number(port), '127.0.0.1');
