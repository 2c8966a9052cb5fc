import { readPublicKey } from './public-key.ts';

/** What is chosen with `cdk deploy -c name=value`, checked. docs/aws.md describes each. */
export interface Options {
  readonly environment: 'dev' | 'prod';
  readonly yotoClientId: string | undefined;
  readonly enableMqtt: boolean;
  readonly enableCloudfront: boolean;
  /** PEM; there with CloudFront, and only then. */
  readonly cloudfrontPublicKey: string | undefined;
  readonly names: ResourceNames;
  /** What is there already and is used as it is. */
  readonly adopt: Adoption;
  readonly publicUrl: string | undefined;
  /** A certificate of us-east-1 and the name that it is for; both or neither. */
  readonly domain: { readonly name: string; readonly certificateArn: string } | undefined;
  readonly trustProxy: string;
  readonly corsOrigins: readonly string[];
  readonly playback: 'link' | 'public';
  readonly presignedPlayback: boolean;
  readonly sttEngine: 'off' | 'openai' | 'aws';
  readonly ttsEngine: 'off' | 'openai' | 'polly';
  readonly alarmEmail: string | undefined;
  /** Executions of the worker at once, taken out of the account's; undefined: as many as the stream asks for. */
  readonly workerConcurrency: number | undefined;
}

export interface ResourceNames {
  readonly records: string;
  readonly connections: string;
  readonly requests: string;
  readonly subscriptions: string;
  /** undefined: `yoto-audio-{environment}-{account}` */
  readonly bucket: string | undefined;
  /** Of the parameters that hold secrets, without a slash at its end. */
  readonly secretsPrefix: string;
}

export interface Adoption {
  readonly records: boolean;
  readonly bucket: boolean;
  /** The three tables for real time, with the stream of that of requests. */
  readonly realTime: { readonly requestsStreamArn: string } | undefined;
}

/** A value that cannot be used. Its message is all that whoever deploys needs to read. */
export class OptionError extends Error {}

export const KNOWN_OPTIONS = [
  'environment',
  'yoto_client_id',
  'enable_mqtt',
  'enable_cloudfront',
  'cloudfront_public_key',
  'adopt',
  'table_name',
  'connections_table',
  'requests_table',
  'subscriptions_table',
  'requests_stream_arn',
  'bucket_name',
  'secrets_prefix',
  'public_url',
  'domain_name',
  'certificate_arn',
  'trust_proxy',
  'cors_origins',
  'playback',
  'presigned_playback',
  'stt_engine',
  'tts_engine',
  'alarm_email',
  'worker_concurrency',
] as const;

type Name = (typeof KNOWN_OPTIONS)[number];

const isKnown = (name: string): boolean => KNOWN_OPTIONS.some((known) => known === name);

// The CDK keeps settings of its own beside ours, and what it has looked up; their names have a sign that ours have not.
const isOfTheCdk = (name: string): boolean => /[:/@]/.test(name);

/**
 * @param context all of the app's context
 * @throws {OptionError} naming what is missing, unknown or of no use
 */
export function readOptions(context: Readonly<Record<string, unknown>>): Options {
  const unknown = Object.keys(context).find((name) => !isKnown(name) && !isOfTheCdk(name));
  if (unknown !== undefined) {
    throw new OptionError(`-c ${unknown}=… is not known here. Known are: ${KNOWN_OPTIONS.join(', ')}.`);
  }
  const values = new Values(context);
  const environment = values.oneOf('environment', ['dev', 'prod']);
  return {
    environment,
    yotoClientId: values.text('yoto_client_id', /^[\w.-]{1,128}$/, 'the client id of a Yoto application'),
    enableMqtt: values.flag('enable_mqtt'),
    enableCloudfront: values.flag('enable_cloudfront'),
    cloudfrontPublicKey: readCloudfrontKey(values),
    names: readNames(values, environment),
    adopt: readAdoption(values),
    publicUrl: values.text(
      'public_url',
      /^https:\/\/[a-z0-9.-]+(:\d+)?$/,
      'an origin such as https://radio.example',
    ),
    domain: readDomain(values),
    trustProxy:
      values.text('trust_proxy', /^[\d a-fA-F.:/,]+$/, 'addresses and networks, separated by commas') ??
      'false',
    corsOrigins: readOrigins(values),
    playback: values.oneOf('playback', ['link', 'public'], 'link'),
    presignedPlayback: values.flag('presigned_playback'),
    sttEngine: values.oneOf('stt_engine', ['off', 'openai', 'aws'], 'off'),
    ttsEngine: values.oneOf('tts_engine', ['off', 'openai', 'polly'], 'off'),
    alarmEmail: values.text('alarm_email', /^[^@\s]+@[^@\s]+$/, 'an e-mail address'),
    workerConcurrency: readConcurrency(values),
  };
}

class Values {
  readonly #context: Readonly<Record<string, unknown>>;

  constructor(context: Readonly<Record<string, unknown>>) {
    this.#context = context;
  }

  text(name: Name, pattern: RegExp, meaning: string): string | undefined {
    const value = this.#context[name];
    if (value === undefined || value === null || value === '') return undefined;
    // From the command line all are text; cdk.json may have true or 5.
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    if (!pattern.test(text)) throw new OptionError(`-c ${name}=${text} cannot be used: it takes ${meaning}.`);
    return text;
  }

  oneOf<const T extends string>(name: Name, choices: readonly T[], fallback?: T): T {
    const text = this.text(name, /^/, '') ?? fallback;
    if (text === undefined)
      throw new OptionError(`-c ${name}=… is missing: it takes ${choices.join(' or ')}.`);
    const chosen = choices.find((choice) => choice === text);
    if (chosen === undefined) {
      throw new OptionError(`-c ${name}=${text} cannot be used: it takes ${choices.join(' or ')}.`);
    }
    return chosen;
  }

  flag(name: Name): boolean {
    return this.oneOf(name, ['true', 'false'], 'false') === 'true';
  }
}

function readNames(values: Values, environment: 'dev' | 'prod'): ResourceNames {
  const table = (name: Name, fallback: string) =>
    values.text(name, /^[\w.-]{3,255}$/, 'the name of a table') ?? fallback;
  // One account may hold both environments: the names that the program and its predecessor know are production's.
  const realTime = (noun: string) => (environment === 'prod' ? `streamer_${noun}` : `streamer_${noun}_dev`);
  return {
    records: table('table_name', `yoto-smart-stream-${environment}`),
    connections: table('connections_table', realTime('connections')),
    requests: table('requests_table', realTime('requests')),
    subscriptions: table('subscriptions_table', realTime('subscriptions')),
    bucket: values.text('bucket_name', /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of a bucket'),
    secretsPrefix:
      values.text('secrets_prefix', /^(\/[\w.-]+)+$/, 'a path such as /earshot/prod') ??
      `/earshot/${environment}`,
  };
}

function readAdoption(values: Values): Adoption {
  const parts =
    values.text('adopt', /^[a-z,]+$/, 'some of tables, records, realtime, bucket')?.split(',') ?? [];
  const unknown = parts.find((part) => !['tables', 'records', 'realtime', 'bucket'].includes(part));
  if (unknown !== undefined) {
    throw new OptionError(
      `-c adopt=${unknown} cannot be used: it takes some of tables, records, realtime, bucket.`,
    );
  }
  const arn = values.text(
    'requests_stream_arn',
    /^arn:aws:dynamodb:[a-z0-9-]+:\d{12}:table\/[\w.-]+\/stream\/[\w.:-]+$/,
    'the ARN of the stream of the table of requests',
  );
  const realTime = parts.includes('tables') || parts.includes('realtime');
  if (realTime && arn === undefined) {
    throw new OptionError(
      '-c requests_stream_arn=… is missing: an adopted table of requests starts the worker by its stream (docs/aws.md).',
    );
  }
  if (!realTime && arn !== undefined) {
    throw new OptionError('-c requests_stream_arn=… is of no use without -c adopt=realtime or tables.');
  }
  return {
    records: parts.includes('tables') || parts.includes('records'),
    bucket: parts.includes('bucket'),
    realTime: arn === undefined ? undefined : { requestsStreamArn: arn },
  };
}

function readDomain(values: Values): Options['domain'] {
  const name = values.text('domain_name', /^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'a name such as radio.example');
  const certificateArn = values.text(
    'certificate_arn',
    /^arn:aws:acm:us-east-1:\d{12}:certificate\/[\w-]+$/,
    'the ARN of a certificate in us-east-1, where CloudFront looks for it',
  );
  if (name === undefined && certificateArn === undefined) return undefined;
  if (name === undefined || certificateArn === undefined) {
    throw new OptionError('-c domain_name=… and -c certificate_arn=… belong together.');
  }
  if (!values.flag('enable_cloudfront')) {
    throw new OptionError(
      '-c domain_name=… needs -c enable_cloudfront=true: a function URL has no other name.',
    );
  }
  return { name, certificateArn };
}

function readCloudfrontKey(values: Values): string | undefined {
  const given = values.text('cloudfront_public_key', /^/, '');
  if (!values.flag('enable_cloudfront')) {
    if (given === undefined) return undefined;
    throw new OptionError('-c cloudfront_public_key=… is of no use without -c enable_cloudfront=true.');
  }
  if (given === undefined) {
    throw new OptionError(
      '-c cloudfront_public_key=… is missing: CloudFront gives out the bucket’s objects by addresses that a key of yours has signed, and takes the file of the public one (docs/aws.md).',
    );
  }
  const read = readPublicKey(given);
  // Not what was given: it may be a key that nobody should see.
  if ('wrong' in read) throw new OptionError(`-c cloudfront_public_key=… cannot be used: ${read.wrong}.`);
  return read.pem;
}

function readOrigins(values: Values): string[] {
  const pattern = /^https?:\/\/[a-z0-9.-]+(:\d+)?(,https?:\/\/[a-z0-9.-]+(:\d+)?)*$/;
  const text = values.text(
    'cors_origins',
    pattern,
    'origins such as https://page.example, separated by commas',
  );
  return text?.split(',') ?? [];
}

function readConcurrency(values: Values): number | undefined {
  const text = values.text('worker_concurrency', /^[1-9]\d{0,3}$/, 'a number from 1 to 9999');
  return text === undefined ? undefined : Number(text);
}
