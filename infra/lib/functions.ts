import { Duration, Size, Stage } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import {
  Architecture,
  Code,
  DockerImageFunction,
  EventSourceMapping,
  Function as CodeFunction,
  FunctionUrlAuthType,
  InvokeMode,
  Runtime,
  StartingPosition,
  type Function as AnyFunction,
  type FunctionOptions,
  type FunctionUrl,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { join } from 'node:path';
import { accept } from './accept.ts';
import type { BundleName } from './bundles.ts';
import { environmentOf, playedByCloudFront, type HomeParts } from './function-environment.ts';
import { FunctionRole } from './function-role.ts';
import { retentionOf } from './log-retention.ts';
import { EXTENSION_ENVIRONMENT, secretsLayer } from './secrets-extension.ts';
import { workerImage } from './worker-image.ts';

const WORKER_MINUTES = 15;
/** Side by side, for each shard of the stream. */
const WORKERS_A_SHARD = 10;
/** A record says only that something waits, and a worker takes what it finds: one look for many of them. */
const RECORDS_A_LOOK = 100;
/** The sweep finds later what was left, so that a record that cannot be worked on does not hold up its shard. */
const STREAM_RETRIES = 2;

/** New requests, and those that somebody asks for again. What is tried again by itself is the sweep's matter. */
const PENDING = JSON.stringify({
  eventName: ['INSERT', 'MODIFY'],
  dynamodb: { NewImage: { Status: { S: ['PENDING'] } } },
});

export interface FunctionsProps extends HomeParts {
  readonly bundlesDir: string;
  readonly extensionFile: string;
  readonly requestsStreamArn: string;
}

/** The four functions, what starts them, and what each may do. */
export class Functions extends Construct {
  readonly all: Readonly<Record<BundleName, AnyFunction>>;
  readonly httpUrl: FunctionUrl;
  /** Records of the stream that the worker could not take. */
  readonly deadLetters: Queue;
  readonly #props: FunctionsProps;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    this.#props = props;
    this.deadLetters = this.#makeDeadLetters();
    const http = this.#makeHttp();
    this.httpUrl = http.addFunctionUrl({
      // Who may do what is the program's own matter, as on a server; and behind CloudFront docs/decisions/0028.
      authType: FunctionUrlAuthType.NONE,
      invokeMode: InvokeMode.RESPONSE_STREAM,
    });
    this.all = {
      http,
      websocket: this.#makeWebSocket(),
      worker: this.#makeWorker(),
      sweep: this.#makeSweep(),
    };
    props.gateway.route(this.all.websocket);
  }

  #makeHttp(): AnyFunction {
    const { logGroup, role } = this.#begin('http');
    this.#allowHome(role);
    if (this.#props.options.ttsEngine === 'polly') role.allowVoices();
    const http = this.#fromCode('http', {
      role: role.role,
      logGroup,
      memorySize: 1024,
      timeout: Duration.minutes(2),
      description: 'Earshot: HTTP',
    });
    for (const [name, value] of Object.entries(playedByCloudFront(this.#props)))
      http.addEnvironment(name, value);
    return http;
  }

  #makeWebSocket(): AnyFunction {
    const { logGroup, role } = this.#begin('websocket');
    this.#allowHome(role);
    return this.#fromCode('websocket', {
      role: role.role,
      logGroup,
      memorySize: 512,
      // What API Gateway waits for.
      timeout: Duration.seconds(29),
      description: 'Earshot: WebSocket',
    });
  }

  #makeWorker(): AnyFunction {
    const { options, bundlesDir, extensionFile, requestsStreamArn } = this.#props;
    const { logGroup, role } = this.#begin('worker');
    this.#allowHome(role);
    role.allowStream(requestsStreamArn);
    role.allowSend(this.deadLetters.queueArn);
    if (options.ttsEngine === 'polly') {
      role.allowVoices();
      role.allowSpeaking();
    }
    if (options.sttEngine === 'aws') role.allowHearing();
    const worker = new DockerImageFunction(this, 'worker', {
      code: workerImage(bundlesDir, extensionFile, outdirOf(this)),
      ...this.#common('worker'),
      role: role.role,
      logGroup,
      memorySize: 3008,
      ephemeralStorageSize: Size.gibibytes(10),
      timeout: Duration.minutes(WORKER_MINUTES),
      description: 'Earshot: long work',
      ...(options.workerConcurrency !== undefined && {
        reservedConcurrentExecutions: options.workerConcurrency,
      }),
    });
    for (const [name, value] of Object.entries(EXTENSION_ENVIRONMENT)) worker.addEnvironment(name, value);
    this.#startByStream(worker);
    return worker;
  }

  #makeSweep(): AnyFunction {
    const { logGroup, role } = this.#begin('sweep');
    this.#allowHome(role);
    const sweep = this.#fromCode('sweep', {
      role: role.role,
      logGroup,
      memorySize: 512,
      // It is called again a minute later, and goes on where it was.
      timeout: Duration.seconds(55),
      description: 'Earshot: what is to be done from time to time',
    });
    const rule = new Rule(this, 'EachMinute', { schedule: Schedule.rate(Duration.minutes(1)) });
    rule.addTarget(new LambdaFunction(sweep, { retryAttempts: 0, maxEventAge: Duration.minutes(1) }));
    return sweep;
  }

  // docs/decisions/0026: what the stream cannot speak of, the sweep rings for.
  #startByStream(worker: AnyFunction): void {
    new EventSourceMapping(this, 'RequestsStream', {
      target: worker,
      eventSourceArn: this.#props.requestsStreamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: RECORDS_A_LOOK,
      parallelizationFactor: WORKERS_A_SHARD,
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      retryAttempts: STREAM_RETRIES,
      maxRecordAge: Duration.hours(1),
      onFailure: { bind: () => ({ destination: this.deadLetters.queueArn }) },
      filters: [{ pattern: PENDING }],
    });
  }

  #makeDeadLetters(): Queue {
    const queue = new Queue(this, 'DeadLetters', {
      enforceSSL: true,
      encryption: QueueEncryption.SQS_MANAGED,
      retentionPeriod: Duration.days(14),
    });
    accept(queue, 'AwsSolutions-SQS3', 'It is the dead-letter queue.');
    return queue;
  }

  // The services are one program, and each of its functions may come to read or write whatever a request needs of the home.
  #allowHome(role: FunctionRole): void {
    const { tables, bucket, gateway, options } = this.#props;
    for (const table of Object.values(tables)) role.allowItems(table);
    role.allowScan(tables.records);
    role.allowObjects(bucket.arn);
    role.allowSecrets(options.names.secretsPrefix);
    role.allowConnections(gateway.apiId, gateway.stageName);
  }

  #begin(name: BundleName): { logGroup: LogGroup; role: FunctionRole } {
    const logGroup = new LogGroup(this, `${name}Log`, retentionOf(this.#props.options));
    return { logGroup, role: new FunctionRole(this, `${name}Role`, logGroup) };
  }

  #common(name: BundleName): Pick<FunctionOptions, 'functionName' | 'architecture' | 'environment'> {
    return {
      functionName: `earshot-${this.#props.options.environment}-${name}`,
      architecture: Architecture.ARM_64,
      environment: environmentOf(this.#props),
    };
  }

  #fromCode(name: BundleName, options: FunctionOptions): CodeFunction {
    return new CodeFunction(this, name, {
      ...options,
      ...this.#common(name),
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromAsset(join(this.#props.bundlesDir, name)),
      paramsAndSecrets: secretsLayer(),
    });
  }
}

function outdirOf(construct: Construct): string {
  const app = Stage.of(construct);
  if (app === undefined) throw new Error('The functions are in no app.');
  return app.outdir;
}
