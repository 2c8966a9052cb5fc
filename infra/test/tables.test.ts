import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import {
  CONNECTIONS,
  RECORDS,
  REQUESTS,
  SUBSCRIPTIONS,
  type TableDefinition,
} from '../../src/adapters/dynamodb/table-definition.ts';
import { ENVIRONMENTS, functionOf, resourcesOf, synthesise, type TemplateResource } from './synthesised.ts';

const TYPE = 'AWS::DynamoDB::Table';
const STREAM =
  'arn:aws:dynamodb:eu-central-1:123456789012:table/streamer_requests/stream/2026-01-01T00:00:00.000';

function tableNamed(template: Template, name: string): TemplateResource {
  const found = Object.values(resourcesOf(template, TYPE)).find(
    (each) => each.Properties['TableName'] === name,
  );
  if (found === undefined) throw new Error(`There is no table ${name}.`);
  return found;
}

// What `earshot tables create` would ask DynamoDB for.
function schemaOf([partition, sort]: readonly [string, string?]) {
  return [
    { AttributeName: partition, KeyType: 'HASH' },
    ...(sort === undefined ? [] : [{ AttributeName: sort, KeyType: 'RANGE' }]),
  ];
}

const NAMES = {
  dev: [
    'yoto-smart-stream-dev',
    'streamer_requests_dev',
    'streamer_connections_dev',
    'streamer_subscriptions_dev',
  ],
  prod: ['yoto-smart-stream-prod', 'streamer_requests', 'streamer_connections', 'streamer_subscriptions'],
} as const;
const DEFINITIONS: readonly TableDefinition[] = [RECORDS, REQUESTS, CONNECTIONS, SUBSCRIPTIONS];

describe.each(ENVIRONMENTS)('the tables of %s', (environment) => {
  const template = synthesise({ environment });

  it('are four', () => {
    template.resourceCountIs(TYPE, 4);
  });

  it.each(DEFINITIONS.map((definition, at) => ({ name: NAMES[environment][at] ?? '', definition })))(
    '$name is as the program makes it',
    ({ name, definition }) => {
      const { Properties } = tableNamed(template, name);
      expect(Properties['KeySchema']).toEqual(schemaOf(definition.key));
      expect(Properties['TimeToLiveSpecification']).toEqual({
        AttributeName: definition.timeToLive,
        Enabled: true,
      });
      expect(Properties['GlobalSecondaryIndexes']).toEqual(
        Object.entries(definition.indexes).map(([IndexName, keys]) => ({
          IndexName,
          KeySchema: schemaOf(keys),
          Projection: { ProjectionType: 'ALL' },
        })),
      );
      const attributes = new Set([definition.key, ...Object.values(definition.indexes)].flat());
      expect(new Set(Properties['AttributeDefinitions'] as unknown[])).toEqual(
        new Set([...attributes].map((AttributeName) => ({ AttributeName, AttributeType: 'S' }))),
      );
    },
  );

  it('are paid by the request, and kept in production alone', () => {
    const isProduction = environment === 'prod';
    for (const table of Object.values(resourcesOf(template, TYPE))) {
      expect(table.Properties).toMatchObject({
        BillingMode: 'PAY_PER_REQUEST',
        DeletionProtectionEnabled: isProduction,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: isProduction },
      });
      expect(table.DeletionPolicy).toBe(isProduction ? 'Retain' : 'Delete');
      expect(table.UpdateReplacePolicy).toBe(isProduction ? 'Retain' : 'Delete');
    }
  });

  it('tell the worker of new requests, and nobody of anything else', () => {
    const streams = Object.values(resourcesOf(template, TYPE)).flatMap(({ Properties }) =>
      Properties['StreamSpecification'] === undefined
        ? []
        : [[Properties['TableName'], Properties['StreamSpecification']]],
    );
    expect(streams).toEqual([[NAMES[environment][1], { StreamViewType: 'NEW_IMAGE' }]]);
  });
});

describe('adopted tables', () => {
  it('are not made, and are named to the functions', () => {
    const template = synthesise({ environment: 'prod', adopt: 'tables', requests_stream_arn: STREAM });
    template.resourceCountIs(TYPE, 0);
    expect(functionOf(template, 'http').Properties['Environment']).toMatchObject({
      Variables: {
        DYNAMODB_TABLE: 'yoto-smart-stream-prod',
        REQUESTS_TABLE: 'streamer_requests',
        CONNECTIONS_TABLE: 'streamer_connections',
        SUBSCRIPTIONS_TABLE: 'streamer_subscriptions',
      },
    });
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', { EventSourceArn: STREAM });
  });

  it('may be that of records alone', () => {
    const template = synthesise({ environment: 'prod', adopt: 'records', table_name: 'old-table' });
    const names = Object.values(resourcesOf(template, TYPE)).map(({ Properties }) => Properties['TableName']);
    expect(new Set(names)).toEqual(
      new Set(['streamer_requests', 'streamer_connections', 'streamer_subscriptions']),
    );
    expect(JSON.stringify(functionOf(template, 'worker').Properties['Environment'])).toContain('old-table');
  });
});
