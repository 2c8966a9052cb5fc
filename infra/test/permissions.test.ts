import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { BUNDLE_NAMES, type BundleName } from '../lib/bundles.ts';
import { actionsOf, codeOf, commandsIn } from './sdk-actions.ts';
import { ENVIRONMENTS, onlyResource, synthesise } from './synthesised.ts';

interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

const STREAM =
  'arn:aws:dynamodb:eu-central-1:123456789012:table/streamer_requests/stream/2026-01-01T00:00:00.000';
const ENGINES = { stt_engine: 'aws', tts_engine: 'polly' };
/** What a function needs beside what its code asks the SDK for: its log, its secrets, and what Lambda does in its name. */
const AROUND: Readonly<Record<BundleName, readonly string[]>> = {
  http: [],
  websocket: [],
  worker: [
    'dynamodb:DescribeStream',
    'dynamodb:GetRecords',
    'dynamodb:GetShardIterator',
    'dynamodb:ListStreams',
    'sqs:SendMessage',
  ],
  sweep: [],
};
/** Engines are worked with by the worker alone: openFunctionEngines, in src/entry, says so to the others. */
const OF_ENGINES = /^(?:transcribe:|polly:SynthesizeSpeech$)/;
/** And only HTTP and the worker are asked for voices. */
const OF_VOICES = /^polly:/;
const AROUND_ALL = ['logs:CreateLogStream', 'logs:PutLogEvents', 'ssm:GetParameter', 'kms:Decrypt'];

const statementsOf = (template: Template, name: BundleName): Statement[] => {
  const { Properties } = onlyResource(template, 'AWS::IAM::Policy', (_, id) => id.includes(`${name}Role`));
  return (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement;
};

const actionsIn = ({ Action }: Statement): readonly string[] =>
  typeof Action === 'string' ? [Action] : Action;

async function actionsOfCode(name: BundleName): Promise<Set<string>> {
  const actions = actionsOf(commandsIn(await codeOf(name)));
  const elsewhere = { http: OF_ENGINES, websocket: OF_VOICES, worker: /^$/, sweep: OF_VOICES }[name];
  const isElsewhere = (action: string) =>
    elsewhere.test(action) || (name !== 'worker' && OF_ENGINES.test(action));
  return new Set([...actions].filter((action) => !isElsewhere(action)));
}

const byName = (template: Template, name: BundleName): Record<string, Statement> =>
  Object.fromEntries(statementsOf(template, name).map((statement) => [statement.Sid, statement]));

const withoutEngines = (actions: Iterable<string>): string[] =>
  [...actions].filter((action) => !/^(polly|transcribe):/.test(action));

describe.each(BUNDLE_NAMES)('the role of %s', (name) => {
  it('may do what the function’s code does, and no more', async () => {
    const allowed = new Set(
      statementsOf(synthesise({ environment: 'prod', ...ENGINES }), name).flatMap(actionsIn),
    );
    const needed = await actionsOfCode(name);
    for (const action of [...AROUND_ALL, ...AROUND[name]]) needed.add(action);
    expect([...allowed].sort()).toEqual([...needed].sort());
  });

  it('may speak and hear by AWS only where that was chosen', async () => {
    const allowed = new Set(statementsOf(synthesise({ environment: 'prod' }), name).flatMap(actionsIn));
    const needed = await actionsOfCode(name);
    expect(withoutEngines(allowed)).toEqual([...allowed]);
    expect(withoutEngines(needed).filter((action) => !allowed.has(action))).toEqual([]);
  });

  it.each(ENVIRONMENTS)('names what it may touch in %s', (environment) => {
    const template = synthesise({ environment, ...ENGINES });
    for (const statement of statementsOf(template, name)) {
      expect(statement.Effect).toBe('Allow');
      expect(actionsIn(statement).filter((action) => action.includes('*'))).toEqual([]);
      if (statement.Resource === '*')
        expect(['ListStreams', 'Voices', 'Speaking', 'BeginHearing']).toContain(statement.Sid);
    }
  });

  it('may read secrets of its own environment, by the account’s own key', () => {
    const { Secrets, OpenSecrets } = byName(synthesise({ environment: 'dev' }), name);
    expect(JSON.stringify(Secrets?.Resource)).toContain(':parameter/earshot/dev/*');
    expect(OpenSecrets?.Condition).toEqual({
      StringEquals: {
        'kms:ViaService': { 'Fn::Join': ['', ['ssm.', { Ref: 'AWS::Region' }, '.amazonaws.com']] },
      },
      'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/aws/ssm' },
    });
  });

  it('reaches adopted tables and buckets by their names', () => {
    const adopted = { adopt: 'tables,bucket', requests_stream_arn: STREAM, bucket_name: 'old-audio' };
    const statements = byName(synthesise({ environment: 'prod', ...adopted }), name);
    for (const [sid, table] of [
      ['ItemsRecords', 'yoto-smart-stream-prod'],
      ['ItemsRequests', 'streamer_requests'],
      ['ItemsConnections', 'streamer_connections'],
      ['ItemsSubscriptions', 'streamer_subscriptions'],
    ] as const) {
      if (statements[sid] === undefined) continue;
      const text = JSON.stringify(statements[sid].Resource);
      expect(text).toContain(`:table/${table}"`);
      expect(text).toContain(`:table/${table}/index/*"`);
    }
    if (statements['Objects'] !== undefined) {
      expect(JSON.stringify(statements['Objects'].Resource)).toContain(':s3:::old-audio/*"');
    }
  });
});

describe('connections of clients', () => {
  it('are those of one API', () => {
    const template = synthesise({ environment: 'prod' });
    for (const name of BUNDLE_NAMES) {
      const { Connections } = byName(template, name);
      if (Connections === undefined) continue;
      expect(Connections.Resource).toEqual({
        'Fn::Join': [
          '',
          [
            'arn:',
            { Ref: 'AWS::Partition' },
            ':execute-api:',
            { Ref: 'AWS::Region' },
            ':',
            { Ref: 'AWS::AccountId' },
            ':',
            { Ref: expect.stringMatching(/^LiveApi/) as unknown },
            '/live/*/@connections/*',
          ],
        ],
      });
    }
  });
});

describe('what looks for actions', () => {
  it('finds commands, numbered ones and uploads too', () => {
    expect(
      commandsIn('await c.send(new GetCommand({})); new PutCommand2(x); new Upload({}); new Map()'),
    ).toEqual(new Set(['GetCommand', 'PutCommand', 'Upload']));
  });

  it('does not pass over what it does not know', () => {
    expect(() => actionsOf(['CreateTableCommand'])).toThrow('CreateTableCommand');
  });
});
