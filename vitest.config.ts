import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Tests keep their temporary directories inside the checkout: nothing is written anywhere else.
const temporary = join(import.meta.dirname, '.cache', 'tmp');
mkdirSync(temporary, { recursive: true });

// And no test speaks to a service that a person pays for: an empty variable counts as unset.
const nobodysKeys = { OPENAI_API_KEY: '', OPENAI_BASE_URL: '' };

export const environment = { TMPDIR: temporary, TEMP: temporary, TMP: temporary, ...nobodysKeys };

/** Machines are shared: what comes within a second as a rule may take some. */
export const patient = { poll: { timeout: 15_000 } };

/** What keeps nothing in its process but what each test makes: its files share workers, which takes a quarter less time. */
const TOGETHER = ['src/{audio,domain,http,services}/**/*.test.ts'];
/** The same, on DynamoDB and S3; but for the one that puts another module in the place of Node's. */
const ON_STORES = ['src/adapters/**/!(other-file-system).test.ts', 'test/contracts/**/*.test.ts'];
const PAGE = 'test/page/**/*.test.ts';
const SLOW = ['node_modules/**', '**/*.slow.test.ts'];

const common = {
  env: environment,
  testTimeout: 60_000,
  expect: patient,
  hookTimeout: 60_000,
};

export default defineConfig({
  test: {
    // Much of the time passes in waiting for programs and clocks, so that three at a time pay even on two cores.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    projects: [
      { test: { ...common, name: 'together', isolate: false, include: TOGETHER, exclude: SLOW } },
      {
        test: {
          ...common,
          name: 'on stores',
          isolate: false,
          globalSetup: ['test/servers/aws-setup.ts'],
          include: ON_STORES,
          exclude: SLOW,
        },
      },
      {
        test: {
          ...common,
          name: 'apart',
          globalSetup: ['test/servers/aws-setup.ts'],
          include: ['{src,test}/**/*.test.ts'],
          exclude: [...SLOW, ...TOGETHER, ...ON_STORES, PAGE],
        },
      },
      // Coming in, and a child's page; every other view is in the slow suites.
      { test: { ...common, name: 'in the browser', include: [PAGE], exclude: SLOW } },
    ],
  },
});
