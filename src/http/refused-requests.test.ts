import { once } from 'node:events';
import { Agent, request as startRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLibraryApp, type LibraryApp } from '../../test/library-app.ts';

const MIB = 1024 * 1024;
/** Past this, what is refused is not even thrown away any more. */
const DISCARDED_MIB = 64;
const HEAD = '--b\r\ncontent-disposition: form-data; name="file"; filename="large.wav"\r\n\r\nAUDIO';

// Else the server would close the connection with its answer.
const agent = new Agent({ keepAlive: true });
let test: LibraryApp;
let url: URL;
beforeAll(async () => {
  test = await openLibraryApp({ policy: { maxUploadBytes: MIB } });
  url = new URL(await test.app.listen({ host: '127.0.0.1', port: 0 }));
});
afterAll(async () => {
  agent.destroy();
  await test.close();
});

/** Sends an upload of so many MiB, in chunks, without saying beforehand how large it is. */
function beginUpload(headers: Record<string, string>): ClientRequest {
  const contentType = 'multipart/form-data; boundary=b';
  const options = { method: 'POST', headers: { 'content-type': contentType, ...headers }, agent };
  const request = startRequest(new URL('/api/audio/upload', url), options);
  request.write(HEAD);
  return request;
}

/** @returns how much was taken, in MiB, when the connection is cut, or all has been sent */
async function sendMany(request: ClientRequest, mib: number): Promise<number> {
  const chunk = Buffer.alloc(MIB);
  let isCut = false;
  request.on('error', () => undefined);
  const cut = new Promise<void>((closed) => request.once('close', closed)).then(() => (isCut = true));
  for (let sent = 0; sent < mib; sent += 1) {
    await Promise.race([cut, new Promise<void>((taken) => request.write(chunk, () => taken()))]);
    if (isCut) return sent;
  }
  return mib;
}

describe.each([
  ['a stranger', 401, async () => ({})],
  ['a user', 413, async () => ({ authorization: `Bearer ${(await test.addUser('ada')).token}` })],
])('an upload of %s that is refused', (_who, status, headersOf) => {
  it('is answered while it is being sent, and when all has been sent', async () => {
    const request = beginUpload(await headersOf());
    const answered = once(request, 'response') as Promise<[IncomingMessage]>;
    expect(await sendMany(request, 8)).toBe(8);
    request.end('\r\n--b--\r\n');
    const [answer] = await answered;
    expect(answer.statusCode).toBe(status);
    expect(JSON.parse(await text(answer))).toMatchObject({ status });
  });
});

it('who goes on sending is cut off', async () => {
  const request = beginUpload({});
  const [answer] = (await Promise.all([once(request, 'response'), sendMany(request, 1)]))[0] as [
    IncomingMessage,
  ];
  expect(answer.statusCode).toBe(401);
  answer.on('error', () => undefined).resume();
  const taken = await sendMany(request, 4 * DISCARDED_MIB);
  expect(taken).toBeGreaterThanOrEqual(DISCARDED_MIB - 2);
  // What lies in the sockets counts as taken too.
  expect(taken).toBeLessThan(2 * DISCARDED_MIB);
});

it.each([
  ['one', 'host: 127.0.0.1\r\n', 200],
  ['two, which may differ', 'host: 127.0.0.1\r\nHost: evil.example\r\n', 400],
  ['none', '', 400],
])('of Host headers, %s', async (_count, hosts, status) => {
  const socket = connect(Number(url.port), url.hostname);
  socket.end(`GET /health HTTP/1.1\r\n${hosts}connection: close\r\n\r\n`);
  expect(await text(socket)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
});
