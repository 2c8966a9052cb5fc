import { Annotations, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Alarms } from './alarms.ts';
import { AudioBucket } from './audio-bucket.ts';
import { BUNDLES_DIR, checkBundles } from './bundles.ts';
import { Edge } from './edge.ts';
import { Functions } from './functions.ts';
import type { Options } from './options.ts';
import { Overview } from './overview.ts';
import { EXTENSION_FILE } from './secrets-extension-file.ts';
import { SigningKey } from './signing-key.ts';
import { Tables } from './tables.ts';
import { WebSocketGateway } from './websocket-gateway.ts';

export interface EarshotStackProps extends StackProps {
  readonly options: Options;
  /** For tests: unless `npm run build:lambda` and `npm run fetch:extension` put it elsewhere. */
  readonly bundlesDir?: string;
  readonly extensionFile?: string;
}

/** One environment of Earshot. */
export class EarshotStack extends Stack {
  constructor(scope: Construct, id: string, props: EarshotStackProps) {
    super(scope, id, props);
    const { options, bundlesDir = BUNDLES_DIR, extensionFile = EXTENSION_FILE } = props;
    checkBundles(bundlesDir);
    const tables = new Tables(this, 'Tables', options);
    const bucket = new AudioBucket(this, 'Audio', options);
    const gateway = new WebSocketGateway(this, 'Live', options);
    const { environment, cloudfrontPublicKey: publicKey } = options;
    const signingKey =
      publicKey === undefined ? undefined : new SigningKey(this, 'SigningKey', environment, publicKey);
    const functions = new Functions(this, 'Functions', {
      options,
      tables: tables.all,
      bucket,
      gateway,
      signingKey,
      bundlesDir,
      extensionFile,
      requestsStreamArn: tables.requestsStreamArn,
    });
    const allTables = Object.values(tables.all);
    const alarms = new Alarms(this, 'Alarms', options, functions, allTables);
    new Overview(this, 'Overview', options, functions, allTables);

    const output = (name: string, value: string, description: string) =>
      new CfnOutput(this, name, { value, description });
    output('DynamoDBTableName', tables.all.records.name, 'DYNAMODB_TABLE');
    output('RequestsTableName', tables.all.requests.name, 'REQUESTS_TABLE');
    output('ConnectionsTableName', tables.all.connections.name, 'CONNECTIONS_TABLE');
    output('SubscriptionsTableName', tables.all.subscriptions.name, 'SUBSCRIPTIONS_TABLE');
    output('AudioBucketName', bucket.name, 'S3_AUDIO_BUCKET');
    output('FunctionUrl', functions.httpUrl.url, 'Where the HTTP function answers');
    output('WebSocketUrl', gateway.url, 'What clients connect to, with a ticket');
    output('SecretsPrefix', options.names.secretsPrefix, 'Where secrets are put (docs/aws.md)');
    output('AlarmTopicArn', alarms.topic.topicArn, 'What alarms are told to');
    if (signingKey !== undefined) {
      const origins = { url: functions.httpUrl, bucket: bucket.bucket, signingKey };
      const { distribution, readsBucket } = new Edge(this, 'Edge', options, origins);
      output('DistributionDomainName', distribution.distributionDomainName, 'Where CloudFront answers');
      output('DistributionId', distribution.distributionId, 'What an adopted bucket allows (docs/aws.md)');
      this.#sayWhatIsLeft(options, readsBucket);
    }
  }

  #sayWhatIsLeft({ domain, publicUrl, trustProxy }: Options, readsBucket: boolean): void {
    if (domain === undefined && publicUrl === undefined) {
      Annotations.of(this).addWarningV2(
        'earshot:cloudfront-url',
        'Players are led to the bucket itself until CloudFront’s own name is known to the function: deploy again with -c public_url=https://DistributionDomainName (docs/aws.md).',
      );
    }
    if (!readsBucket) {
      Annotations.of(this).addWarningV2(
        'earshot:adopted-bucket',
        'The policy of the adopted bucket is left as it is: CloudFront reads nothing there until you allow it (docs/aws.md).',
      );
    }
    if (trustProxy !== 'false') return;
    const links = publicUrl === undefined ? 'links lead past CloudFront, and ' : '';
    Annotations.of(this).addWarningV2(
      'earshot:trust-proxy',
      `Until CloudFront is believed, ${links}all listeners behind one place of it count as one: name its networks with -c trust_proxy=… (docs/aws.md).`,
    );
  }
}
