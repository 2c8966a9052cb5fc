import { describe, expect, it } from 'vitest';
import { BUNDLE_NAMES } from '../lib/bundles.ts';
import { ENVIRONMENTS, onlyResource, resourcesOf, synthesise } from './synthesised.ts';

interface Alarm {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { Name: string; Value: unknown }[];
  readonly AlarmActions: readonly unknown[];
  readonly [name: string]: unknown;
}

describe.each(ENVIRONMENTS)('the alarms of %s', (environment) => {
  const template = synthesise({ environment });
  const alarms = Object.values(resourcesOf(template, 'AWS::CloudWatch::Alarm')).map(
    ({ Properties }) => Properties as unknown as Alarm,
  );
  const of = (namespace: string, metric: string) =>
    alarms.filter(({ Namespace, MetricName }) => Namespace === namespace && MetricName === metric);

  it.each(['Errors', 'Throttles'])('ring at %s of each function', (metric) => {
    const rung = of('AWS/Lambda', metric);
    expect(rung).toHaveLength(BUNDLE_NAMES.length);
    for (const name of BUNDLE_NAMES) {
      expect(JSON.stringify(rung.map(({ Dimensions }) => Dimensions))).toContain(`Functions${name}`);
    }
    for (const alarm of rung) expect(alarm).toMatchObject({ Threshold: 0, TreatMissingData: 'notBreaching' });
  });

  it('ring when a request has waited for an hour', () => {
    expect(of('Earshot', 'OldestRequestAgeSeconds')).toEqual([
      expect.objectContaining({
        Dimensions: [{ Name: 'Environment', Value: environment }],
        Statistic: 'Maximum',
        Threshold: 3600,
        ComparisonOperator: 'GreaterThanThreshold',
      }),
    ]);
  });

  it('ring when nobody sweeps', () => {
    expect(of('AWS/Lambda', 'Invocations')).toEqual([
      expect.objectContaining({
        Threshold: 1,
        ComparisonOperator: 'LessThanThreshold',
        TreatMissingData: 'breaching',
      }),
    ]);
  });

  it('ring at dead letters and at each table that is held back', () => {
    expect(of('AWS/SQS', 'ApproximateNumberOfMessagesVisible')).toHaveLength(1);
    expect(of('AWS/DynamoDB', 'ReadThrottleEvents')).toHaveLength(4);
    expect(of('AWS/DynamoDB', 'WriteThrottleEvents')).toHaveLength(4);
  });

  it('are told to one topic, and to nobody unless named', () => {
    const [topic] = Object.keys(resourcesOf(template, 'AWS::SNS::Topic'));
    for (const alarm of alarms) expect(alarm.AlarmActions).toEqual([{ Ref: topic }]);
    template.resourceCountIs('AWS::SNS::Subscription', 0);
  });

  it('are seen on a dashboard', () => {
    const body = JSON.stringify(
      onlyResource(template, 'AWS::CloudWatch::Dashboard').Properties['DashboardBody'],
    );
    for (const title of [
      'Invocations',
      'Errors and throttles',
      'Duration, p95',
      'Age of the oldest request, s',
      'Dead letters',
    ]) {
      expect(body).toContain(title);
    }
  });
});

it('go to an e-mail address that is named', () => {
  synthesise({ environment: 'prod', alarm_email: 'anna@example.org' }).hasResourceProperties(
    'AWS::SNS::Subscription',
    {
      Protocol: 'email',
      Endpoint: 'anna@example.org',
    },
  );
});
