import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  HttpMethods,
  type CorsRule,
  type IBucket,
  type LifecycleRule,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { accept } from './accept.ts';
import type { Options } from './options.ts';

const OLD_VERSIONS_DAYS = 30;

/** The bucket of audio, made or adopted. */
export class AudioBucket extends Construct {
  readonly bucket: IBucket;
  readonly name: string;
  readonly arn: string;

  constructor(scope: Construct, id: string, options: Options) {
    super(scope, id);
    const bucketName = options.names.bucket ?? `yoto-audio-${options.environment}-${Aws.ACCOUNT_ID}`;
    // The CDK's own classes are not declared with exact optional properties.
    this.bucket = (
      options.adopt.bucket
        ? Bucket.fromBucketName(this, 'Adopted', bucketName)
        : this.#make(bucketName, options)
    ) as IBucket;
    this.name = this.bucket.bucketName;
    this.arn = this.bucket.bucketArn;
  }

  #make(bucketName: string, { environment, corsOrigins, publicUrl }: Options): Bucket {
    const isProduction = environment === 'prod';
    const bucket = new Bucket(this, 'Bucket', {
      bucketName,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      encryption: BucketEncryption.S3_MANAGED,
      versioned: isProduction,
      lifecycleRules: lifecycle(isProduction),
      cors: corsRules(publicUrl === undefined ? ['*'] : [publicUrl, ...corsOrigins]),
      removalPolicy: isProduction ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      autoDeleteObjects: !isProduction,
    });
    accept(
      bucket,
      'AwsSolutions-S1',
      'Access logs hold whole URLs, and with them the signatures of presigned addresses. Who changed what is in the log of the functions; CloudTrail can be switched on for the account.',
    );
    return bucket;
  }
}

/**
 * Addresses are signed, for one object and a time: nobody's cookies are sent, and none would be of use. Whoever plays may
 * come from any page, as at the program itself; and after a redirect browsers call themselves `null`.
 * @param uploadsFrom pages that may upload
 */
function corsRules(uploadsFrom: string[]): CorsRule[] {
  const common = {
    exposedHeaders: ['ETag', 'Content-Range', 'Content-Length', 'Accept-Ranges'],
    maxAge: 3600,
  };
  return [
    {
      ...common,
      allowedOrigins: ['*'],
      allowedMethods: [HttpMethods.GET, HttpMethods.HEAD],
      allowedHeaders: ['range', 'if-range', 'if-none-match', 'if-match'],
    },
    {
      ...common,
      allowedOrigins: uploadsFrom,
      allowedMethods: [HttpMethods.PUT],
      allowedHeaders: ['content-type', 'content-md5', 'x-amz-*'],
    },
  ];
}

function lifecycle(isProduction: boolean): LifecycleRule[] {
  const expiring = (prefix: string, days: number): LifecycleRule => ({
    id: `expire-${prefix.replace('/', '')}`,
    prefix,
    expiration: Duration.days(days),
    // What is there for a time only, recordings of people among it, shall not be there for another month.
    ...(isProduction && { noncurrentVersionExpiration: Duration.days(1) }),
  });
  return [
    // Whoever opens the bucket removes them after a day; this is for when nobody does.
    { id: 'abort-incomplete-uploads', abortIncompleteMultipartUploadAfter: Duration.days(2) },
    expiring('debug/', 7),
    // Made from parts that are there, and made again when somebody asks.
    expiring('made/', 7),
    // Results that are too large for their request's item, which is kept for a week.
    expiring('results/', 8),
    // What a request still works on after a fortnight of retries is nobody's any more.
    expiring('uploads/', 14),
    // What Amazon Transcribe hears lies there for as long as it hears.
    expiring('transcribe/', 2),
    expiring('backups/', 90),
    ...(isProduction
      ? [
          {
            id: 'old-versions',
            noncurrentVersionExpiration: Duration.days(OLD_VERSIONS_DAYS),
            expiredObjectDeleteMarker: true,
          },
        ]
      : []),
  ];
}
