import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { joinTitles, separateTitles } from '../icy-player.ts';
import { call, uploadFixture } from './client.ts';
import { players } from './players.ts';
import { makeDataDirectory, runsInFunctions, startProgram, type Program } from './program.ts';

const run = promisify(execFile);

describe('what plays now', () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let program: Program;
  let stream: string;

  beforeAll(async () => {
    data = await makeDataDirectory();
    program = await startProgram(data.path, { AUTH: 'off', TRUST_PROXY: '127.0.0.1' });
    const files = ['fits.mp3', 'lame-default.mp3'];
    for (const name of files) expect((await uploadFixture(program.url, name)).status).toBe(201);
    const info = { title: "Träume; it's 語" };
    await call(program.url, '/api/audio/lame-default.mp3/info', { method: 'PATCH', json: info });
    await call(program.url, '/api/streams/s/queue', { method: 'PUT', json: { files, title: 'Radio 語' } });
    stream = '/api/streams/s/stream.mp3?play_mode=loop';
  });

  afterAll(async () => {
    await program.stop();
    await data.remove();
  });

  it('is told on a plain socket, after a status line of HTTP', async () => {
    const { host, port } = new URL(program.url);
    const socket = connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(`GET ${stream} HTTP/1.0\r\nHost: ${host}\r\nIcy-MetaData: 1\r\n\r\n`);
    const chunks: Buffer[] = [];
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      if (chunks.reduce((sum, { length }) => sum + length, 0) > 120_000) break;
    }
    const answer = Buffer.concat(chunks);
    const bodyStart = answer.indexOf('\r\n\r\n') + 4;
    const head = answer.subarray(0, bodyStart).toString('utf8');
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(head.toLowerCase()).toContain('icy-metaint: 16000\r\n');
    // Without chunks: who speaks HTTP/1.0 would take their lengths for audio.
    expect(head.toLowerCase()).not.toContain('transfer-encoding');
    expect(head).toContain('icy-name: Radio 語\r\n');
    const { audio, titles } = separateTitles(answer.subarray(bodyStart), 16_000);
    expect([audio[0], audio[1]]).toEqual([0xff, 0xfb]);
    expect(new Set(joinTitles(titles))).toEqual(new Set(['Already fits', 'Träume, it’s 語']));
  });

  it.runIf(players.ffmpeg !== null)('is taken out by ffmpeg, which plays on without a warning', async () => {
    const input = ['-t', '8', '-icy', '1', '-i', program.url + stream];
    const { stderr } = await run(players.ffmpeg ?? '', [
      '-nostdin',
      '-v',
      'warning',
      ...input,
      '-f',
      'null',
      '-',
    ]);
    expect(stderr).toBe('');
  });

  it.runIf(players.mpg123 !== null)('is shown by mpg123, which plays on without a warning', async () => {
    const url = program.url + stream;
    const quiet = await run(players.mpg123 ?? '', ['-q', '-t', '-n', '300', url]);
    expect(quiet.stdout + quiet.stderr).toBe('');
    const { stderr } = await run(players.mpg123 ?? '', ['-t', '--utf8', '-n', '300', url]);
    expect(stderr).toContain("ICY-META: StreamTitle='Already fits';");
    expect(stderr).toContain("ICY-META: StreamTitle='Träume, it’s 語';");
    expect(stderr).toContain('ICY-NAME: Radio 語');
  });

  // Functions refuse AUTH=off: whoever listens there has a session, of which the order is made.
  it.skipIf(runsInFunctions)(
    'has an order of the listener’s own also behind a proxy that is trusted',
    async () => {
      const seedFor = async (address: string) => {
        const headers = { 'x-forwarded-for': address, 'user-agent': 'radio' };
        const url = `${program.url}/api/streams/s/stream.mp3?play_mode=shuffle`;
        return (await fetch(url, { method: 'HEAD', headers })).headers.get('x-seed');
      };
      const seed = await seedFor('198.51.100.7');
      expect(await seedFor('203.0.113.99, 198.51.100.7')).toBe(seed);
      expect(await seedFor('198.51.100.8')).not.toBe(seed);
    },
  );
});
