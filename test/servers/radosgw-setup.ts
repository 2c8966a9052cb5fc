import type { TestProject } from 'vitest/node';
import setUpDynamoDb from './aws-setup.ts';
import { startRadosgw } from './radosgw.ts';

/** Before any test: a whole S3, which the tests then find as one that runs. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const [stopDynamoDb, server] = await Promise.all([setUpDynamoDb(project), startRadosgw()]);
  process.env['S3_ENDPOINT'] = server.endpoint;
  return async () => {
    await stopDynamoDb();
    await server.stop();
  };
}
