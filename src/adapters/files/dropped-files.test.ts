import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createDroppedFiles } from './dropped-files.ts';
import { createPublishedFiles } from './published-files.ts';

it('knows a bounded number of files, says so once, and comes to the others when those have gone', async () => {
  const root = await mkdtemp(join(tmpdir(), 'earshot-'));
  let nowMs = 1_000_000;
  const warnings: string[] = [];
  const ignore = () => undefined;
  const log = {
    debug: ignore,
    info: ignore,
    warn: (_fields: unknown, message: string) => void warnings.push(message),
    error: ignore,
  };
  const options = { clock: () => nowMs, log, maxCandidates: 100 };
  const dropped = createDroppedFiles(root, options, createPublishedFiles(root));
  const seen = new Set<string>();
  const look = async () => {
    nowMs += 6000;
    const files = await dropped.list();
    for (const { name } of files) seen.add(name);
    return files;
  };
  try {
    await Promise.all(Array.from({ length: 150 }, (_, at) => writeFile(join(root, `f${at}.txt`), 'x')));
    await look();
    const first = await look();
    expect(first).toHaveLength(100);
    await look();
    expect(warnings).toHaveLength(1);
    // Somebody takes them away, or they are taken in.
    for (const { path } of first) await rm(path);
    for (let round = 0; round < 4; round += 1) await look();
    expect(seen.size).toBe(150);
  } finally {
    await rm(root, { recursive: true });
  }
});
