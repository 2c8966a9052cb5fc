import { RemovalPolicy } from 'aws-cdk-lib';
import { RetentionDays, type LogGroupProps } from 'aws-cdk-lib/aws-logs';
import type { Options } from './options.ts';

/** How long logs are kept; they go with the stack, in production as well, for they hold addresses of listeners. */
export function retentionOf({ environment }: Pick<Options, 'environment'>): LogGroupProps {
  return {
    retention: environment === 'prod' ? RetentionDays.THREE_MONTHS : RetentionDays.ONE_WEEK,
    removalPolicy: RemovalPolicy.DESTROY,
  };
}
