import { defineConfig } from 'vitest/config';
import { environment, patient } from './vitest.config.ts';

/** What looks at the clock, at memory or at what a process holds, or kills by what it reads: nothing else may be at work
 * beside it. */
const ALONE = [
  'test/e2e/{migrate,pace,slow-clients,small-cache,two-instances,two-servers,uploads}.slow.test.ts',
  'src/services/actions/ingest-progress.slow.test.ts',
  'src/http/routes/*-memory.slow.test.ts',
  'test/queue-crash/*.slow.test.ts',
  'test/contracts/dynamodb-requests.slow.test.ts',
];

/** Chromium takes more than one core by itself. */
const PAGE = 'test/page/**/*.slow.test.ts';

/**
 * Suites of the server that are driven through the functions of the AWS home as well. Left out are those about the
 * process (its start, end, signals, descriptors, memory, disk and log), about its directories and its command line, about
 * what S3 and DynamoDB are to a server, and those that time endless streams of a quarter of an hour.
 */
const IN_FUNCTIONS = ['curl', 'details', 'joins', 'listen', 'now-playing', 'sleep', 'stream'].map(
  (name) => `test/e2e/${name}.test.ts`,
);

const common = {
  env: environment,
  globalSetup: ['test/servers/aws-setup.ts'],
  testTimeout: 300_000,
  expect: patient,
  hookTimeout: 60_000,
};

/** The crash, soak and bulk suites: their own command, which CI runs too. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          name: 'alone',
          include: ALONE,
          fileParallelism: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...common,
          name: 'side by side',
          include: ['{src,test}/**/*.slow.test.ts'],
          exclude: ['node_modules/**', ...ALONE, PAGE],
          // Most of their time is waiting.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...common,
          name: 'in functions',
          include: IN_FUNCTIONS,
          env: { ...environment, E2E_HOME: 'functions' },
          // Tables, a bucket, a bundle, a worker, and cold starts.
          hookTimeout: 240_000,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...common,
          name: 'in the browser',
          include: [PAGE],
          maxWorkers: 2,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
