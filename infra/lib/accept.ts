import { Stack, Validations } from 'aws-cdk-lib';
import { flattenCfnReference } from 'cdk-nag/lib/utils/flatten-cfn-reference.js';
import type { IConstruct } from 'constructs';

/** Lets a finding of cdk-nag be, for this construct and what is below it. `reason` says why it may stay. */
export function accept(construct: IConstruct, rule: string, reason: string): void {
  Validations.of(construct).acknowledge({ id: rule, reason });
}

/** The same for one resource with a wildcard in a policy, and for no other. */
export function acceptWildcard(construct: IConstruct, resource: string, reason: string): void {
  const finding = flattenCfnReference(Stack.of(construct).resolve(resource));
  accept(construct, `AwsSolutions-IAM5[Resource::${finding}]`, reason);
}
