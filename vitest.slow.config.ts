import { defineConfig } from 'vitest/config';
import { environment } from './vitest.config.ts';

/** The crash, soak and bulk suites: their own command, which CI runs too. */
export default defineConfig({
  test: {
    include: ['{src,test}/**/*.slow.test.ts'],
    env: environment,
    globalSetup: ['test/servers/aws-setup.ts'],
    testTimeout: 300_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
