import { Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acceptWildcard } from './accept.ts';
import type { EarshotTable } from './tables.ts';

const READ_ITEMS = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];
const WRITE_ITEMS = [
  'dynamodb:PutItem',
  'dynamodb:UpdateItem',
  'dynamodb:DeleteItem',
  'dynamodb:BatchWriteItem',
  'dynamodb:ConditionCheckItem',
];

/** What one function may do, and nothing else: each method allows one kind of thing. */
export class FunctionRole extends Construct {
  readonly role: Role;
  readonly #stack: Stack;

  constructor(scope: Construct, id: string, logGroup: ILogGroup) {
    super(scope, id);
    this.#stack = Stack.of(this);
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.#allow('WriteLog', ['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
  }

  /** Items of a table and its indexes, and a look whether the table is there. It cannot be changed. */
  allowItems(table: EarshotTable): void {
    this.#allow(`Look${this.#nounOf(table)}`, ['dynamodb:DescribeTable'], [table.arn]);
    this.#allow(
      `Items${this.#nounOf(table)}`,
      [...READ_ITEMS, ...WRITE_ITEMS],
      [table.arn, `${table.arn}/index/*`],
      'All indexes of a named table.',
    );
  }

  /** For the one look at the start that asks whether an older deployment left users behind (docs/dynamodb.md). */
  allowScan(table: EarshotTable): void {
    this.#allow(`Scan${this.#nounOf(table)}`, ['dynamodb:Scan'], [table.arn]);
  }

  /** Objects of the bucket, old uploads among them. */
  allowObjects(bucketArn: string): void {
    this.#allow(
      'Objects',
      [
        's3:GetObject',
        's3:PutObject',
        's3:DeleteObject',
        's3:AbortMultipartUpload',
        's3:ListMultipartUploadParts',
      ],
      [`${bucketArn}/*`],
      'Objects of one bucket: at its root lies what older deployments put there, under any name.',
    );
    // Without it what is not there is answered as forbidden.
    this.#allow('ListObjects', ['s3:ListBucket', 's3:ListBucketMultipartUploads'], [bucketArn]);
  }

  /** Parameters below one prefix. They are sealed with the account's own key of Parameter Store. */
  allowSecrets(prefix: string): void {
    const { region } = this.#stack;
    const arn = this.#stack.formatArn({ service: 'ssm', resource: `parameter${prefix}`, resourceName: '*' });
    this.#allow('Secrets', ['ssm:GetParameter'], [arn], 'Parameters below the prefix of this environment.');
    const keys = this.#stack.formatArn({ service: 'kms', resource: 'key', resourceName: '*' });
    acceptWildcard(this, keys, 'The id of that key is not known here; the conditions name it by its alias.');
    this.role.addToPolicy(
      new PolicyStatement({
        sid: 'OpenSecrets',
        effect: Effect.ALLOW,
        actions: ['kms:Decrypt'],
        resources: [keys],
        conditions: {
          StringEquals: { 'kms:ViaService': `ssm.${region}.amazonaws.com` },
          'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/aws/ssm' },
        },
      }),
    );
  }

  /** Telling clients of one WebSocket API, and closing their connections. */
  allowConnections(apiId: string, stageName: string): void {
    const arn = this.#stack.formatArn({
      service: 'execute-api',
      resource: apiId,
      resourceName: `${stageName}/*/@connections/*`,
    });
    this.#allow(
      'Connections',
      ['execute-api:ManageConnections'],
      [arn],
      'Connections of one API, each with an id of its own.',
    );
  }

  /** Reading a table's stream. */
  allowStream(streamArn: string): void {
    this.#allow(
      'Stream',
      ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
      [streamArn],
    );
    this.#allow('ListStreams', ['dynamodb:ListStreams'], ['*'], 'AWS knows no resource for this action.');
  }

  /** Handing over what could not be done. */
  allowSend(queueArn: string): void {
    this.#allow('DeadLetters', ['sqs:SendMessage'], [queueArn]);
  }

  /** Asking Amazon Polly which voices there are. */
  allowVoices(): void {
    this.#allow('Voices', ['polly:DescribeVoices'], ['*'], 'Polly knows no resources but lexicons.');
  }

  /** Speaking by Amazon Polly. */
  allowSpeaking(): void {
    this.#allow('Speaking', ['polly:SynthesizeSpeech'], ['*'], 'Polly knows no resources but lexicons.');
  }

  /** Amazon Transcribe, whose jobs are made under names of the program's own. */
  allowHearing(): void {
    const jobs = this.#stack.formatArn({
      service: 'transcribe',
      resource: 'transcription-job',
      resourceName: '*',
    });
    this.#allow(
      'BeginHearing',
      ['transcribe:StartTranscriptionJob'],
      ['*'],
      'A job that is not there yet is no resource.',
    );
    this.#allow(
      'Hearing',
      ['transcribe:GetTranscriptionJob', 'transcribe:DeleteTranscriptionJob'],
      [jobs],
      'Each recording is a job with a name of its own.',
    );
  }

  #nounOf(table: EarshotTable): string {
    return table.noun[0]?.toUpperCase() + table.noun.slice(1);
  }

  /** @param reason why one of the resources has to have a wildcard */
  #allow(sid: string, actions: readonly string[], resources: readonly string[], reason?: string): void {
    if (reason !== undefined) {
      const wide = resources.find((resource) => resource.endsWith('*'));
      if (wide !== undefined) acceptWildcard(this, wide, reason);
    }
    this.role.addToPolicy(
      new PolicyStatement({ sid, effect: Effect.ALLOW, actions: [...actions], resources: [...resources] }),
    );
  }
}
