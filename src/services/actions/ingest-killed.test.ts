import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findAnyFfmpeg } from '../../../test/any-ffmpeg.ts';
import { openIngestBench } from '../../../test/ingest-bench.ts';
import type { IngestBench } from '../../../test/ingest-bench.ts';
import { makeToneWav } from '../../../test/made-audio.ts';
import type { FfmpegCommand } from '../../adapters/ffmpeg/ffmpeg-command.ts';
import { runRequest, type RunAction } from '../run-request.ts';
import { DEFAULT_RETRY } from './action.ts';
import { ingest } from './ingest.ts';

const LEASE_MS = 60_000;

describe('ingest, when ffmpeg is killed from outside', { timeout: 60_000 }, () => {
  let dir: string;
  let ffmpeg: FfmpegCommand;
  beforeAll(async () => {
    ffmpeg = await findAnyFfmpeg();
  });
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'earshot-'));
    return () => rm(dir, { recursive: true });
  });

  /** With an ffmpeg that works, but is killed in the first run whose arguments match. */
  async function openBenchWhere(pattern: string): Promise<IngestBench> {
    const path = join(dir, 'ffmpeg');
    const flag = join(dir, 'happened');
    const real = [ffmpeg.executable, ...ffmpeg.leadingArguments].map((word) => `'${word}'`).join(' ');
    const script = `case "$*" in *${pattern}*) [ -e '${flag}' ] || { : > '${flag}'; kill -9 $$; };; esac\nexec ${real} "$@"\n`;
    await writeFile(path, `#!/bin/sh\n${script}`);
    await chmod(path, 0o755);
    return openIngestBench({ ffmpeg: { ffmpegPath: path, maxRuns: 2 } });
  }

  async function runNext(bench: IngestBench): Promise<void> {
    const [claimed] = await bench.ports.queue.claim(['ingest'], LEASE_MS, 1);
    if (claimed === undefined) throw new Error('Nothing is due.');
    const action = {
      retry: DEFAULT_RETRY,
      handle: (request, context) => ingest(bench.ports, request, context),
    } satisfies RunAction;
    const held = { claimed, lease: claimed.lease, ending: new AbortController() };
    await runRequest({ ...bench.ports, random: () => 0 }, action, held);
  }

  it.each<readonly [string, string]>([
    ['while it looks into the file', 'null'],
    ['while it measures', 's16le'],
    ['while it encodes', 'libmp3lame'],
  ])('is tried again by the queue, and then has it: %s', async (_when, pattern) => {
    const bench = await openBenchWhere(pattern);
    const { requestId } = await bench.upload(makeToneWav({ seconds: 1, amplitude: 0.1 }), {});
    await runNext(bench);
    expect(await bench.ports.queue.find(requestId)).toMatchObject({
      status: 'RETRYING',
      error: { code: 'tool_unavailable', retryable: true },
    });
    expect(await bench.leftovers()).toEqual([`uploads/${requestId}`]);
    await runNext(bench);
    expect(await bench.ports.queue.find(requestId)).toMatchObject({ status: 'COMPLETED', progress: 100 });
    expect(await bench.ports.audioFiles.find('default', 'story.mp3')).toMatchObject({ state: 'ready' });
    expect(await bench.leftovers()).toEqual([]);
    await bench.close();
  });
});
