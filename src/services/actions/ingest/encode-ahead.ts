import { DEFAULT_PROFILE } from '../../../domain/media-tool.ts';
import type { MediaTool } from '../../../domain/media-tool.ts';

/** An encode at the level that the source has, begun before anybody knows which level it should have. */
export interface AheadEncode {
  /**
   * Waits for its end.
   * @param onProgress told from now on how much audio is done
   * @returns whether the MP3 is there; false when it was stopped, and nothing writes to it any more
   * @throws what `MediaTool.encode` throws
   */
  finish(onProgress: (doneMs: number) => void): Promise<boolean>;
  /** Ends it, if it has not ended, and comes back once nothing runs any more. What it wrote is left. */
  stop(): Promise<void>;
}

/** @param durationMs about how long the sound is, where that is known */
export function encodeAhead(
  mediaTool: Pick<MediaTool, 'encode'>,
  inputPath: string,
  outputPath: string,
  { signal, durationMs }: { readonly signal: AbortSignal; readonly durationMs?: number | undefined },
): AheadEncode {
  const stopping = new AbortController();
  let report: (doneMs: number) => void = () => undefined;
  let doneMs = 0;
  const encoding = mediaTool.encode(
    inputPath,
    outputPath,
    { profile: DEFAULT_PROFILE, gainDb: 0, limit: false },
    {
      durationMs,
      signal: AbortSignal.any([signal, stopping.signal]),
      onProgress: (nowDoneMs) => {
        doneMs = nowDoneMs;
        report(doneMs);
      },
    },
  );
  // Nobody waits for it yet: its error is there for whoever asks for its end.
  encoding.catch(() => undefined);
  return {
    async finish(onProgress) {
      report = onProgress;
      report(doneMs);
      if (stopping.signal.aborted) {
        await Promise.allSettled([encoding]);
        return false;
      }
      await encoding;
      return true;
    },
    async stop() {
      stopping.abort();
      await Promise.allSettled([encoding]);
    },
  };
}
