import { LOCAL_CALLER } from '../../services/authenticate.ts';
import { createPlaybackLink } from '../../services/playback-links.ts';
import type { Ports } from '../../services/ports.ts';
import type { Config } from '../config.ts';

/** Where the server of this configuration is reached from this machine. */
export function localOrigin({ host, port }: Pick<Config, 'host' | 'port'>): string {
  const reached = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`;
}

/**
 * A URL that any player can open. Players cannot log in: it carries a new link that opens this one stream, unless
 * playback is open anyway.
 */
export async function playbackUrl(
  ports: Pick<Ports, 'links' | 'audioFiles' | 'streams' | 'clock' | 'newId' | 'secret'>,
  config: Config,
  stream: string,
): Promise<string> {
  const url = `${config.publicUrl ?? localOrigin(config)}/api/streams/${stream}/stream.mp3`;
  if (config.auth === 'off' || config.playback === 'public') return url;
  const { token } = await createPlaybackLink(ports, LOCAL_CALLER, { kind: 'stream', name: stream });
  return `${url}?token=${encodeURIComponent(token)}`;
}
