import type { TestProject } from 'vitest/node';
import { startDynamoDb } from './dynamodb-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    dynamodb: { readonly endpoint: string; readonly kind: 'running' | 'dynamodb-local' | 'dynalite' };
  }
}

/** Before any test: the services that the AWS home is tested against, for all test files together. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const server = await startDynamoDb(process.env);
  const { endpoint, kind } = server;
  project.provide('dynamodb', { endpoint, kind });
  return () => server.stop();
}
