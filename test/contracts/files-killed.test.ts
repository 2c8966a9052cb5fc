import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startKilledWriters } from '../killed-writers.ts';

// Many more are in the slow tests.
const KILLS = 3;

it('a kill at any moment of a write leaves the old content or the new, never half', async () => {
  const home = await mkdtemp(join(tmpdir(), 'earshot-'));
  try {
    const writers = await startKilledWriters(home);
    for (let kill = 0; kill < KILLS; kill += 1) {
      const saved = await writers.killOne();
      const { version, fill } = await writers.readState();
      // What it said was saved is there, or what it was about to say.
      expect([saved, saved + 1]).toContain(version);
      expect([saved % 256, (saved + 1) % 256]).toContain(fill);
    }
    expect(await writers.leftovers()).toEqual([]);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
