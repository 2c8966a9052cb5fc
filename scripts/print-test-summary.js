// Adds up vitest's JSON results and closes with one plain line, `N passed, N failed, N skipped`. Fails when a test did, when
// a suite left no results, since it broke off, and when nothing passed.
import { existsSync, readFileSync } from 'node:fs';

let passed = 0;
let failed = 0;
let skipped = 0;
let missing = 0;
for (const path of process.argv.slice(2)) {
  if (!existsSync(path)) {
    console.log(`no results: ${path}`);
    missing += 1;
    continue;
  }
  const result = JSON.parse(readFileSync(path, 'utf8'));
  passed += result.numPassedTests;
  failed += result.numFailedTests;
  skipped += result.numPendingTests + result.numTodoTests;
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
if (failed > 0 || missing > 0 || passed === 0) process.exit(1);
