import { Duration } from 'aws-cdk-lib';
import { Dashboard, GraphWidget, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { oldestRequestAge, throttledItems } from './alarms.ts';
import type { Functions } from './functions.ts';
import type { Options } from './options.ts';
import type { EarshotTable } from './tables.ts';

const period = Duration.minutes(5);

/** The dashboard: how much is asked for, how long it takes, what waits and what fails. */
export class Overview extends Construct {
  constructor(
    scope: Construct,
    id: string,
    options: Options,
    functions: Functions,
    tables: readonly EarshotTable[],
  ) {
    super(scope, id);
    const made = Object.values(functions.all);
    const dashboard = new Dashboard(this, 'Dashboard', { dashboardName: `earshot-${options.environment}` });
    dashboard.addWidgets(
      graph(
        'Invocations',
        made.map((each) => each.metricInvocations({ period })),
      ),
      graph(
        'Errors and throttles',
        made.flatMap((each) => [each.metricErrors({ period }), each.metricThrottles({ period })]),
      ),
      graph(
        'Duration, p95',
        made.map((each) => each.metricDuration({ period, statistic: 'p95' })),
      ),
    );
    dashboard.addWidgets(
      graph('Age of the oldest request, s', [oldestRequestAge(options.environment)]),
      graph('Dead letters', [functions.deadLetters.metricApproximateNumberOfMessagesVisible({ period })]),
      graph(
        'Throttled reads and writes',
        tables.flatMap((table) => [throttledItems(table, 'Read'), throttledItems(table, 'Write')]),
      ),
    );
  }
}

const graph = (title: string, left: IMetric[]): GraphWidget => new GraphWidget({ title, left, width: 8 });
