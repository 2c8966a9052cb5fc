/**
 * The least that Node can do for an answer: files in memory, a head and one buffer, written to the socket by hand, of
 * requests of which only the path and the range are looked at: `socket-node-server.ts <directory> <port>`.
 */
import { createServer } from 'node:net';
import { filesInMemory } from './files-in-memory.ts';

const [, , directory = '.', port = '0'] = process.argv;
const find = filesInMemory(directory);

createServer({ noDelay: true }, (socket) => {
  // The bench's client sends a request in one piece, and the next when it has the answer.
  socket.on('data', (request) => {
    const head = request.toString('latin1');
    const bytes = find(head.slice(head.indexOf(' ') + 1, head.indexOf(' HTTP/')));
    if (bytes === undefined) {
      socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const [, from, to] = /^range: bytes=(\d+)-(\d+)\r$/im.exec(head) ?? [];
    const [start, end] = [Number(from ?? 0), Math.min(Number(to ?? Infinity), bytes.length - 1)];
    const status = from === undefined ? '200 OK' : '206 Partial Content';
    const range = from === undefined ? '' : `Content-Range: bytes ${start}-${end}/${bytes.length}\r\n`;
    // Together, in one call of the system.
    socket.cork();
    socket.write(
      `HTTP/1.1 ${status}\r\nContent-Type: audio/mpeg\r\n${range}Content-Length: ${end - start + 1}\r\n\r\n`,
    );
    socket.write(bytes.subarray(start, end + 1));
    socket.uncork();
  });
  // Connections are cut in the middle when the time is up.
  socket.on('error', () => socket.destroy());
}).listen(Number(port), '127.0.0.1');
