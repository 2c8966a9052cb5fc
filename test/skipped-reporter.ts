import type { Reporter, TestModule, TestSuite } from 'vitest/node';

/** Says at the end of a run what was not tested here, and where: a service that is not there tests nothing. */
export default class SkippedReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const lines = modules.flatMap((module) => {
      const tests = [...module.children.allTests('skipped')];
      const groups = new Map<string, number>();
      for (const test of tests) {
        const name = outermostSkipped(test.parent) ?? test.fullName;
        groups.set(name, (groups.get(name) ?? 0) + 1);
      }
      return [...groups].map(([name, count]) => `  ${module.relativeModuleId}: ${name} (${count})`);
    });
    if (lines.length === 0) return;
    process.stdout.write(`\nNot tested here, for what it takes is missing:\n${lines.join('\n')}\n`);
  }
}

/** The name of the largest group around a test all of whose tests were skipped. */
function outermostSkipped(parent: TestSuite | TestModule): string | null {
  let name: string | null = null;
  for (let suite = parent; suite.type === 'suite'; suite = suite.parent) {
    if (suite.state() === 'skipped') name = suite.fullName;
  }
  return name;
}
