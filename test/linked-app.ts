import type { LightMyRequestResponse } from 'fastify';
import type { AppOptions } from '../src/http/app.ts';
import type { PortOverrides } from './memory-ports.ts';
import { openPlayingApp, type PlayingApp } from './playing-app.ts';

/** Where the interface says that it is. */
export const ORIGIN = 'https://audio.example';

/** What `/api/listen` answers. */
export interface Linked {
  readonly kind: string;
  readonly name: string;
  readonly title: string;
  readonly play_mode: string;
  readonly seed?: number;
  readonly total_s?: number;
  readonly stream_url: string;
  readonly track_count: number;
  readonly tracks: readonly {
    readonly index: number;
    readonly title: string;
    readonly state: string;
    readonly duration: number;
    readonly start_s: number;
    readonly cover_url?: string;
    readonly url?: string;
  }[];
  readonly count: number;
  readonly next_cursor?: string;
}

/** What plays, to somebody who has a link and nothing else. */
export interface LinkedApp extends PlayingApp {
  /** @param target `streams/s` or `audio/a.mp3` */
  linkTo(target: string, body?: Record<string, unknown>): Promise<{ id: string; token: string }>;
  listen(token: string, query?: string): Promise<LightMyRequestResponse>;
}

export async function openLinkedApp(
  overrides: PortOverrides = {},
  options: Partial<AppOptions> = { publicUrl: ORIGIN },
): Promise<LinkedApp> {
  const test = await openPlayingApp(overrides, options);
  return {
    ...test,
    async linkTo(target, body = {}) {
      const made = await test.request('POST', `/api/${target}/links`, { token: test.user.token, body });
      if (made.statusCode !== 201) throw new Error(`No link was made: ${made.body}`);
      return made.json<{ id: string; token: string }>();
    },
    listen: (token, query = '') =>
      test.request('GET', `/api/listen?token=${encodeURIComponent(token)}${query}`),
  };
}
