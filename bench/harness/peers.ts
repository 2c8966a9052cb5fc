import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPort } from '../../test/servers/free-port.ts';
import { findProgram, startPeer, type Peer } from './child-server.ts';

/** nginx with sendfile, one worker, serving the files of a directory; null where it is not installed. */
export async function startNginx(directory: string): Promise<Peer | null> {
  const nginx = await findProgram('nginx');
  if (nginx === null) return null;
  const own = await mkdtemp(join(tmpdir(), 'earshot-nginx-'));
  const port = await findPort();
  const configuration = `
    daemon off; master_process on; worker_processes 1; pid ${own}/pid; error_log stderr warn;
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    events { worker_connections 4096; }
    http {
      access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; default_type audio/mpeg;
      ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${own};`).join(' ')}
      server { listen 127.0.0.1:${port}; root ${directory}; }
    }`;
  await writeFile(join(own, 'nginx.conf'), configuration);
  const args = ['-p', own, '-c', join(own, 'nginx.conf'), '-e', 'stderr'];
  const peer = await startPeer('nginx', [nginx, ...args], `http://127.0.0.1:${port}`);
  return { ...peer, stop: () => peer.stop().then(() => rm(own, { recursive: true, force: true })) };
}

/** `createReadStream(path).pipe(response)`, ranges too, as anybody would write it; Node with nothing on top. */
export const startPlainNode = (directory: string): Promise<Peer> =>
  startNodeServer('a plain Node server', 'plain-node-server.ts', directory);

/** Node's own `http` that writes one buffer out of memory, with nothing on top: as fast as the runtime is. */
export const startMemoryNode = (directory: string): Promise<Peer> =>
  startNodeServer('bare Node, from memory', 'memory-node-server.ts', directory);

/** Node's sockets, with no more of HTTP than a client needs: what no server in Node can pass. */
export const startSocketNode = (directory: string): Promise<Peer> =>
  startNodeServer("Node's sockets, from memory", 'socket-node-server.ts', directory);

async function startNodeServer(name: string, script: string, directory: string): Promise<Peer> {
  const port = await findPort();
  const path = join(import.meta.dirname, script);
  return startPeer(name, [process.execPath, path, directory, String(port)], `http://127.0.0.1:${port}`);
}

/** nginx, or where it is missing a plain Node server, which `note` is then told. */
export async function startFileServer(directory: string, note: (text: string) => void): Promise<Peer> {
  const nginx = await startNginx(directory);
  if (nginx !== null) return nginx;
  note('nginx is not installed: the peer is a plain Node server, and the targets are those against nginx');
  return startPlainNode(directory);
}

export const ICECAST_PASSWORD = 'bench';

/** Icecast without any source yet, or null where it is not installed. */
export async function startIcecast(maxListeners: number): Promise<Peer | null> {
  const icecast = (await findProgram('icecast2')) ?? (await findProgram('icecast'));
  if (icecast === null) return null;
  const own = await mkdtemp(join(tmpdir(), 'earshot-icecast-'));
  // It refuses to run as root, so that the directory must be its user's.
  await chmod(own, 0o777);
  const port = await findPort();
  const changeOwner =
    process.getuid?.() === 0 ? '<changeowner><user>icecast2</user><group>icecast</group></changeowner>' : '';
  const configuration = `<icecast>
    <limits>
      <clients>${maxListeners + 100}</clients><sources>10</sources><queue-size>1048576</queue-size>
      <burst-on-connect>1</burst-on-connect><burst-size>65535</burst-size>
    </limits>
    <authentication>
      <source-password>${ICECAST_PASSWORD}</source-password>
      <admin-user>admin</admin-user><admin-password>${ICECAST_PASSWORD}</admin-password>
    </authentication>
    <hostname>localhost</hostname>
    <listen-socket><port>${port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
    <paths>
      <basedir>${own}</basedir><logdir>${own}</logdir>
      <webroot>/usr/share/icecast2/web</webroot><adminroot>/usr/share/icecast2/admin</adminroot>
    </paths>
    <logging><loglevel>2</loglevel></logging>
    <security><chroot>0</chroot>${changeOwner}</security>
  </icecast>`;
  const path = join(own, 'icecast.xml');
  await writeFile(path, configuration);
  const peer = await startPeer('Icecast', [icecast, '-c', path], `http://127.0.0.1:${port}`);
  return { ...peer, stop: () => peer.stop().then(() => rm(own, { recursive: true, force: true })) };
}
