import { defineConfig } from 'vitest/config';
import { environment } from './vitest.config.ts';

/** What concerns S3, against Ceph's object gateway in place of the small server that all other runs use. */
export default defineConfig({
  test: {
    include: [
      'test/contracts/s3-*.test.ts',
      'src/adapters/s3/*.test.ts',
      'src/http/routes/presigned-playback.test.ts',
      'test/e2e/s3-home.test.ts',
      'test/e2e/direct-upload.slow.test.ts',
    ],
    env: environment,
    globalSetup: ['test/servers/radosgw-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
