import { runApp } from '../lib/app.ts';

// What `cdk` runs (cdk.json).
if (!runApp()) process.exitCode = 1;
