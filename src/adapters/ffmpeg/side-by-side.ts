import type { MediaToolOptions } from '../../domain/media-tool.ts';

/**
 * Runs the sections of one sound side by side, as far as there is room for them.
 * @returns what each run came to, in order
 * @throws what the first run throws that fails; by then all have ended
 */
export async function runSideBySide<Section, Result>(
  sections: readonly Section[],
  run: (section: Section, options: MediaToolOptions, index: number) => Promise<Result>,
  { signal, onProgress }: MediaToolOptions,
): Promise<Result[]> {
  const doneMs = sections.map(() => 0);
  const failing = new AbortController();
  const signals = signal === undefined ? [failing.signal] : [failing.signal, signal];
  const runs = sections.map(async (section, index) => {
    try {
      const options = {
        signal: AbortSignal.any(signals),
        onProgress: (nowDoneMs: number) => {
          doneMs[index] = nowDoneMs;
          onProgress?.(doneMs.reduce((sum, each) => sum + each, 0));
        },
      };
      return await run(section, options, index);
    } catch (error) {
      // The first of them stays.
      failing.abort(error);
      throw error;
    }
  });
  const ended = await Promise.allSettled(runs);
  if (failing.signal.aborted) throw failing.signal.reason;
  return ended.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}
