import type { LightMyRequestResponse } from 'fastify';
import { joinBytes } from '../src/audio/fixtures/synthetic-mp3.ts';
import type { AppOptions } from '../src/http/app.ts';
import type { PortOverrides } from './memory-ports.ts';
import { addTrack } from './stream-library.ts';
import type { Track } from './stream-library.ts';
import { openTestApp } from './test-app.ts';
import type { TestApp, TestUser } from './test-app.ts';

/** Eight files of 20 to 27 frames, half a second each. */
export const NAMES = ['a.mp3', 'b.mp3', 'c.mp3', 'd.mp3', 'e.mp3', 'f.mp3', 'g.mp3', 'h.mp3'];
export const MP3 = '/api/streams/s/stream.mp3';

/** The interface over a library with a stream `s` of eight files, and somebody who listens to it. */
export interface PlayingApp extends TestApp {
  readonly user: TestUser;
  readonly tracks: ReadonlyMap<string, Track>;
  play(
    query?: string,
    headers?: Record<string, string>,
    method?: 'GET' | 'HEAD',
  ): Promise<LightMyRequestResponse>;
  put(files: readonly string[]): Promise<LightMyRequestResponse>;
  audioOf(names: readonly string[]): Uint8Array;
}

export async function openPlayingApp(
  overrides: PortOverrides = {},
  options: Partial<AppOptions> = {},
): Promise<PlayingApp> {
  const test = await openTestApp(overrides, options);
  const tracks = new Map<string, Track>();
  for (const [index, name] of NAMES.entries()) tracks.set(name, await addTrack(test.ports, name, 20 + index));
  const user = await test.addUser('ann');
  const { token } = user;
  const put = (files: readonly string[]) =>
    test.request('PUT', '/api/streams/s/queue', { token, body: { files } });
  await put(NAMES);
  return {
    ...test,
    user,
    tracks,
    play: (query = '', headers = {}, method = 'GET') => test.request(method, MP3 + query, { token, headers }),
    put,
    audioOf: (names) => joinBytes(names.map((name) => tracks.get(name)?.audio ?? new Uint8Array(0))),
  };
}

/** The names of the tracks in the bytes, by the first frame of each. */
export const heard = ({ rawPayload }: Pick<LightMyRequestResponse, 'rawPayload'>): (string | undefined)[] =>
  [...rawPayload.toString('latin1').matchAll(/([a-h]\.mp3):0;/g)].map(([, name]) => name);
