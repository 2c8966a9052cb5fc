/** Progress told to many WebSockets, and what an idle one costs, against bare `ws`: `live.ts [--quick]`. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { runBench } from './harness/bench.ts';
import type { LiveCommand, LiveUsage } from './harness/live-server.ts';
import type { LiveCount } from './harness/live-clients.ts';
import { atLeast, atMost, type Measure } from './harness/report.ts';
import { interleave, median, medianRatio } from './harness/rounds.ts';

interface Scale {
  readonly sockets: number;
  readonly states: number;
  readonly idle: number;
  readonly rounds: number;
}

const FULL: Scale = { sockets: 1000, states: 300, idle: 2000, rounds: 5 };
const QUICK: Scale = { sockets: 100, states: 20, idle: 200, rounds: 1 };
/** Between two states, so that what is measured is telling, and not waiting for clients. */
const PAUSE_MS = 20;
const WARM_UP_STATES = 30;
const LIMIT_MS = 60_000;

type Kind = 'ours' | 'bare';

const ask = async <Answer>(child: ChildProcess, command: LiveCommand | 'count'): Promise<Answer> => {
  const answered = once(child, 'message') as Promise<[Answer]>;
  child.send(command);
  return (await answered)[0];
};

function start(script: string, args: readonly string[]): ChildProcess {
  return fork(join(import.meta.dirname, 'harness', script), args, { execArgv: ['--expose-gc'] });
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
}

async function connect(url: string, count: number, subscribes: boolean): Promise<ChildProcess> {
  const clients = start('live-clients.ts', [url, String(count), subscribes ? 'yes' : '']);
  const [said] = (await once(clients, 'message')) as [string];
  if (said !== 'connected') throw new Error('The clients did not connect.');
  return clients;
}

/** @returns messages per second of the server's processor time */
async function tellAll(kind: Kind, { sockets, states }: Scale): Promise<number> {
  const server = start('live-server.ts', [kind]);
  const [url] = (await once(server, 'message')) as [string];
  const clients = await connect(url, sockets, true);
  try {
    await ask(server, { kind: 'tell', states: WARM_UP_STATES, pauseMs: PAUSE_MS });
    const first = await arrived(clients, sockets * (1 + WARM_UP_STATES));
    const before = await ask<LiveUsage>(server, { kind: 'usage' });
    await ask(server, { kind: 'tell', states, pauseMs: PAUSE_MS });
    await arrived(clients, first + sockets * states);
    const after = await ask<LiveUsage>(server, { kind: 'usage' });
    return (sockets * states) / ((after.processorMs - before.processorMs) / 1000);
  } finally {
    await end(clients);
    await end(server);
  }
}

/** @throws when not all of the messages come: none of them may be lost, or left out, where nobody is slow */
async function arrived(clients: ChildProcess, expected: number): Promise<number> {
  for (const deadlineMs = Date.now() + LIMIT_MS; ; await setTimeout(20)) {
    const { messages } = await ask<LiveCount>(clients, 'count');
    if (messages === expected) return messages;
    if (messages > expected || Date.now() > deadlineMs) {
      throw new Error(`${messages} messages came, ${expected} were told.`);
    }
  }
}

/** @returns bytes of memory that each takes */
async function stayIdle(kind: Kind, { idle }: Scale): Promise<number> {
  const server = start('live-server.ts', [kind]);
  const [url] = (await once(server, 'message')) as [string];
  // What the first ones make the program load is no connection's.
  const first = await connect(url, 20, false);
  const before = await ask<LiveUsage>(server, { kind: 'usage' });
  const clients = await connect(url, idle, false);
  try {
    await setTimeout(1000);
    const after = await ask<LiveUsage>(server, { kind: 'usage' });
    return (after.memoryBytes - before.memoryBytes) / idle;
  } finally {
    await end(clients);
    await end(first);
    await end(server);
  }
}

await runBench('Live connections', async (run) => {
  const scale = run.quick ? QUICK : FULL;
  const rates = await interleave(scale.rounds, {
    ours: () => tellAll('ours', scale),
    bare: () => tellAll('bare', scale),
  });
  const sizes = await interleave(scale.rounds, {
    ours: () => stayIdle('ours', scale),
    bare: () => stayIdle('bare', scale),
  });
  const perSecond = (values: readonly number[]) => `${Math.round(median(values)).toLocaleString('en')}/s`;
  const kilobytes = (values: readonly number[]) => `${(median(values) / 1024).toFixed(1)} KB`;
  const measures: Measure[] = [
    {
      name: `${scale.states} states told to ${scale.sockets} WebSockets: messages per second of processor time`,
      ours: perSecond(rates.ours),
      peer: perSecond(rates.bare),
      value: medianRatio(rates.ours, rates.bare),
      target: atLeast(0.8),
    },
    {
      name: `${scale.idle} idle WebSockets: memory of each`,
      ours: kilobytes(sizes.ours),
      peer: kilobytes(sizes.bare),
      value: median(sizes.ours) / 1024,
      target: atMost(25, 'KB'),
    },
  ];
  return measures;
});
