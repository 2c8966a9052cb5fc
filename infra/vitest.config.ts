import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// As for the program: nothing is written outside the checkout.
const temporary = join(import.meta.dirname, '..', '.cache', 'tmp');
mkdirSync(temporary, { recursive: true });

/** Everything is synthesised here, without an AWS account, a network or Docker. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['test/**/*.test.ts'],
    env: { TMPDIR: temporary, TEMP: temporary, TMP: temporary },
    // The CDK takes seconds to load: all files share it.
    isolate: false,
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
