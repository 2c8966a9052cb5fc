import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findPort } from './free-port.ts';
import type { S3Server } from './s3-server.ts';

const run = promisify(execFile);
const START_LIMIT_MS = 60_000;

/**
 * A Ceph of one monitor, one store in memory and one object gateway, which speaks all of S3: signatures, conditions,
 * versions. Of the Debian packages radosgw, ceph-mon, ceph-osd and ceph-common.
 */
export async function startRadosgw(): Promise<S3Server> {
  // Short: the path of a socket has at most 107 bytes.
  const state = await mkdtemp(join(tmpdir(), 'rgw-'));
  const children: ChildProcess[] = [];
  const stop = async () => {
    for (const child of children.reverse()) {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    await rm(state, { recursive: true, force: true });
  };
  try {
    const endpoint = await startAll(state, children);
    return { endpoint, kind: 'running', stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startAll(state: string, children: ChildProcess[]): Promise<string> {
  const [port, monitorPort] = [await findPort(), await findPort()];
  const fsid = randomUUID();
  const [config, keyring] = [join(state, 'ceph.conf'), join(state, 'keyring')];
  const inState = (name: string) => join(state, name);
  for (const name of ['mon', 'osd', 'rgw', 'run', 'log']) await mkdir(inState(name));
  await writeFile(config, configOf(state, fsid, port, monitorPort));

  const call = (command: string, ...args: string[]) =>
    run(command, ['-c', config, ...args], { timeout: START_LIMIT_MS });
  const start = (command: string, ...args: string[]) => {
    const child = spawn(command, ['-c', config, '-f', ...args], { stdio: 'ignore' });
    children.push(child);
  };
  const addKey = (name: string, ...capabilities: string[]) =>
    run('ceph-authtool', [
      keyring,
      '--gen-key',
      '-n',
      name,
      ...capabilities.flatMap((one) => ['--cap', ...one.split(':')]),
    ]);

  const map = inState('monmap');
  await run('monmaptool', ['--create', '--addv', 'a', `[v1:127.0.0.1:${monitorPort}]`, '--fsid', fsid, map]);
  await run('ceph-authtool', ['-C', keyring, '--gen-key', '-n', 'mon.', '--cap', 'mon', 'allow *']);
  await addKey('client.admin', 'mon:allow *', 'osd:allow *', 'mgr:allow *');
  await addKey('client.rgw', 'mon:allow rw', 'osd:allow rwx');
  await addKey('osd.0', 'mon:allow profile osd', 'osd:allow *');
  await call('ceph-mon', '-i', 'a', '--mkfs', '--monmap', map, '--keyring', keyring);
  start('ceph-mon', '-i', 'a');
  await call('ceph', 'auth', 'import', '-i', keyring);
  await call('ceph', 'osd', 'create');
  await call('ceph-osd', '-i', '0', '--mkfs');
  await call('ceph', 'osd', 'crush', 'add', 'osd.0', '1.0', 'root=default', 'host=localhost');
  start('ceph-osd', '-i', '0');
  await until(async () => (await call('ceph', 'osd', 'stat')).stdout.includes('1 up'));
  const user = ['--uid=t', '--display-name=t', '--access-key=test', '--secret-key=testtest'];
  await call('radosgw-admin', 'user', 'create', ...user);
  start('radosgw', '-n', 'client.rgw', '--keyring', keyring);
  const endpoint = `http://127.0.0.1:${port}`;
  await until(async () => (await fetch(endpoint)).ok);
  return endpoint;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const limit = Date.now() + START_LIMIT_MS; ; await setTimeout(200)) {
    if (await holds().catch(() => false)) return;
    if (Date.now() > limit) throw new Error('radosgw does not start.');
  }
}

const configOf = (state: string, fsid: string, port: number, monitorPort: number): string => `[global]
fsid = ${fsid}
mon initial members = a
mon host = v1:127.0.0.1:${monitorPort}
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
mon allow pool size one = true
osd crush chooseleaf type = 0
osd objectstore = memstore
memstore device bytes = 2147483648
keyring = ${state}/keyring
mon data = ${state}/mon
osd data = ${state}/osd
rgw data = ${state}/rgw
admin socket = ${state}/run/$name.asok
log file = ${state}/log/$name.log
run dir = ${state}/run
pid file = ${state}/run/$name.pid
public network = 127.0.0.0/8
ms bind ipv6 = false
mon data avail crit = 1
mon data avail warn = 2
rgw frontends = beast endpoint=127.0.0.1:${port}
rgw enable usage log = false
`;
