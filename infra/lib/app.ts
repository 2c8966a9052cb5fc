import { App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { EarshotStack } from './earshot-stack.ts';
import { OptionError, readOptions } from './options.ts';

/**
 * Synthesises what `cdk` asks for, with cdk-nag looking at it.
 * @param places for tests: where the functions' code is
 * @returns false when something that was chosen cannot be used; one line of standard error says what
 */
export function runApp(places: { bundlesDir?: string; extensionFile?: string } = {}): boolean {
  try {
    const app = new App();
    const options = readOptions(app.node.getAllContext() as Record<string, unknown>);
    const description = `Earshot (${options.environment})`;
    const stack = new EarshotStack(app, `earshot-${options.environment}`, {
      options,
      description,
      ...places,
    });
    Tags.of(stack).add('earshot:environment', options.environment);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    app.synth();
    return true;
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    process.stderr.write(`earshot: ${error.message}\n`);
    return false;
  }
}
