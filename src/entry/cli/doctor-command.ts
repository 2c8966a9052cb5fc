import type { Command } from 'commander';
import { worstOf } from '../../services/diagnosis.ts';
import { diagnosisOf } from '../diagnosis.ts';
import { readEnvironment } from '../environment.ts';

const LABEL = { ok: '  ok  ', warning: ' warn ', failed: ' FAIL ' } as const;

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('look whether everything is here that the server needs, and say what to do where it is not')
    .action(async () => {
      const checks = [];
      for await (const check of diagnosisOf(readEnvironment())) {
        console.log(`${LABEL[check.status]} ${check.detail}`);
        checks.push(check);
      }
      const failed = worstOf(checks) === 'failed';
      console.log(failed ? '\nThe server will not run like this.' : '\nThe server can run.');
      if (failed) process.exitCode = 1;
    });
}
