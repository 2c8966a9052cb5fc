/** Many WebSockets in a process of their own: `live-clients.ts {url} {count} {subscribe}`. Tells how many messages came. */
import { WebSocket } from 'ws';

export interface LiveCount {
  readonly messages: number;
}

const [url = '', count = '0', subscribes = ''] = process.argv.slice(2);
const CONNECTS_AT_ONCE = 50;
let messages = 0;

const connect = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/ws`, { perMessageDeflate: false });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('A connection was closed.')));
    socket.once('open', () => {
      if (subscribes === '') resolve();
      else socket.send('{"type":"subscribe","request_id":"r"}');
    });
    socket.on('message', () => {
      messages += 1;
      resolve();
    });
  });

let left = Number(count);
const connectSome = async () => {
  while (left > 0) {
    left -= 1;
    await connect();
  }
};
await Promise.all(Array.from({ length: CONNECTS_AT_ONCE }, connectSome));
process.on('message', () => process.send?.({ messages } satisfies LiveCount));
process.on('disconnect', () => process.exit());
process.send?.('connected');
