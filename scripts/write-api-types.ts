// Writes the types of the interface for the page, out of the schemas that the server itself checks with, to
// web/src/api/schema.d.ts, which is not kept: `npm run lint` and `npm run types` make it first.
import openapiTypes, { astToString, type OpenAPI3 } from 'openapi-typescript';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openTestApp } from '../test/test-app.ts';

const test = await openTestApp();
const document = (await test.request('GET', '/openapi.json')).json<OpenAPI3>();
await test.app.close();

// Every refusal is the same problem+json: its type is written once, in problem.ts.
for (const path of Object.values(document.paths ?? {})) {
  for (const operation of Object.values(path) as { responses?: Record<string, unknown> }[]) {
    for (const status of Object.keys(operation.responses ?? {})) {
      if (!status.startsWith('2')) Reflect.deleteProperty(operation.responses ?? {}, status);
    }
  }
}
const path = join(import.meta.dirname, '..', 'web', 'src', 'api', 'schema.d.ts');
await writeFile(path, astToString(await openapiTypes(document)));
