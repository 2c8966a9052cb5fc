import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findInstalledPocketsphinx, findEngine } from '../spoken-audio.ts';

const user = join(import.meta.dirname, '..', 'engine-user.ts');
const { model } = await findInstalledPocketsphinx();

/** The processes of another one whose command line has a word in it. */
function childrenOf(pid: number, word: string): number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads
      .flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' '))
      .filter((child) => child !== '' && readFileSync(`/proc/${child}/cmdline`, 'utf8').includes(word))
      .map(Number);
  } catch {
    // One of them has just gone.
    return [];
  }
}

/** Whether it is there and at work: one that nobody has buried yet is neither. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('the process of an engine whose server is killed', { timeout: 60_000 }, () => {
  const canHear = model !== null && findEngine('flite') !== null;
  it.each<[string, string]>([
    ['espeak', 'espeak-program'],
    ['sherpa', 'sherpa-process'],
    ...(canHear ? [['pocketsphinx', 'pocketsphinx'] satisfies [string, string]] : []),
  ])('ends too: %s', async (kind, word) => {
    const directory = await mkdtemp(join(tmpdir(), 'earshot-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const parent = spawn(process.execPath, [user, kind, directory], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    let engine = 0;
    onTestFinished(() => {
      parent.kill('SIGKILL');
      if (engine !== 0 && isRunning(engine)) process.kill(engine, 'SIGKILL');
    });
    await expect
      .poll(() => (engine = childrenOf(parent.pid ?? 0, word)[0] ?? 0), { timeout: 30_000 })
      .not.toBe(0);
    // It has begun, and its own start is over.
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(isRunning(engine)).toBe(true);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await expect.poll(() => isRunning(engine), { timeout: 10_000 }).toBe(false);
  });
});
