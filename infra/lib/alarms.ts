import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  Metric,
  Stats,
  TreatMissingData,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { Functions } from './functions.ts';
import type { Options } from './options.ts';
import type { EarshotTable } from './tables.ts';

const FIVE_MINUTES = Duration.minutes(5);
const OLD_REQUEST_S = 3600;

/** The sweep writes it each minute, as a line of the embedded metric format in its log. */
export const oldestRequestAge = (environment: string): Metric =>
  new Metric({
    namespace: 'Earshot',
    metricName: 'OldestRequestAgeSeconds',
    dimensionsMap: { Environment: environment },
    statistic: Stats.MAXIMUM,
    period: FIVE_MINUTES,
  });

/** Reads or writes of a table that DynamoDB refused for their number. */
export const throttledItems = (table: EarshotTable, kind: 'Read' | 'Write'): Metric =>
  new Metric({
    namespace: 'AWS/DynamoDB',
    metricName: `${kind}ThrottleEvents`,
    dimensionsMap: { TableName: table.name },
    statistic: Stats.SUM,
    period: FIVE_MINUTES,
  });

/** What somebody should look at, told to a topic and, where one is named, to an e-mail address. */
export class Alarms extends Construct {
  readonly topic: Topic;

  constructor(
    scope: Construct,
    id: string,
    options: Options,
    functions: Functions,
    tables: readonly EarshotTable[],
  ) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', { enforceSSL: true });
    if (options.alarmEmail !== undefined)
      this.topic.addSubscription(new EmailSubscription(options.alarmEmail));

    for (const [name, made] of Object.entries(functions.all)) {
      const errors = made.metricErrors({ period: FIVE_MINUTES });
      this.#above(`${name}Errors`, errors, 0, `The ${name} function failed: its log says why.`);
      const throttles = made.metricThrottles({ period: FIVE_MINUTES });
      this.#above(
        `${name}Throttles`,
        throttles,
        0,
        `The ${name} function was held back by a limit of concurrency.`,
      );
    }
    for (const table of tables) {
      for (const kind of ['Read', 'Write'] as const) {
        const what = `DynamoDB held back ${kind.toLowerCase()}s of the table of ${table.noun}.`;
        this.#above(`${table.noun}${kind}Throttles`, throttledItems(table, kind), 0, what);
      }
    }
    const dead = functions.deadLetters.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES });
    this.#above(
      'DeadLetters',
      dead,
      0,
      'The worker could not take records of the stream: they are named in the queue.',
    );
    const age = oldestRequestAge(options.environment);
    this.#above('OldRequests', age, OLD_REQUEST_S, 'A request has waited for more than an hour.');
    this.#silent(functions);
  }

  #above(id: string, metric: IMetric, threshold: number, alarmDescription: string): void {
    this.#alarm(id, metric, alarmDescription, {
      threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  // Without the sweep nothing is tried again, nothing expires, and no age of a request is told.
  #silent(functions: Functions): void {
    const invocations = functions.all.sweep.metricInvocations({ period: FIVE_MINUTES });
    this.#alarm('SweepSilent', invocations, 'The sweep has not run for five minutes.', {
      threshold: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.BREACHING,
    });
  }

  #alarm(
    id: string,
    metric: IMetric,
    alarmDescription: string,
    rule: {
      readonly threshold: number;
      readonly comparisonOperator: ComparisonOperator;
      readonly treatMissingData: TreatMissingData;
    },
  ): void {
    const alarm = new Alarm(this, id, { metric, alarmDescription, evaluationPeriods: 1, ...rule });
    alarm.addAlarmAction(new SnsAction(this.topic));
  }
}
