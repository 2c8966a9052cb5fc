import { defineConfig } from 'vitest/config';
import { temporaryFiles } from './test/temporary-files.ts';

/** Everything is synthesised here, without an AWS account, a network or Docker. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['test/**/*.test.ts'],
    env: { TMPDIR: temporaryFiles, TEMP: temporaryFiles, TMP: temporaryFiles },
    globalSetup: ['test/temporary-files.ts'],
    // The CDK takes seconds to load: all files share it.
    isolate: false,
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
