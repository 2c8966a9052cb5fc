import { build } from 'esbuild';
import { join } from 'node:path';
import type { BundleName } from '../lib/bundles.ts';

const ENTRIES = join(import.meta.dirname, '..', '..', 'src', 'entry');

/**
 * The actions of IAM that each command of AWS's SDK needs.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
 */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  GetCommand: ['dynamodb:GetItem'],
  BatchGetCommand: ['dynamodb:BatchGetItem'],
  QueryCommand: ['dynamodb:Query'],
  ScanCommand: ['dynamodb:Scan'],
  PutCommand: ['dynamodb:PutItem'],
  UpdateCommand: ['dynamodb:UpdateItem'],
  DeleteCommand: ['dynamodb:DeleteItem'],
  BatchWriteCommand: ['dynamodb:BatchWriteItem'],
  TransactWriteCommand: [
    'dynamodb:PutItem',
    'dynamodb:UpdateItem',
    'dynamodb:DeleteItem',
    'dynamodb:ConditionCheckItem',
  ],
  DescribeTableCommand: ['dynamodb:DescribeTable'],
  GetObjectCommand: ['s3:GetObject'],
  HeadObjectCommand: ['s3:GetObject'],
  PutObjectCommand: ['s3:PutObject'],
  DeleteObjectCommand: ['s3:DeleteObject'],
  DeleteObjectsCommand: ['s3:DeleteObject'],
  CopyObjectCommand: ['s3:GetObject', 's3:PutObject'],
  ListObjectsV2Command: ['s3:ListBucket'],
  CreateMultipartUploadCommand: ['s3:PutObject'],
  UploadPartCommand: ['s3:PutObject'],
  UploadPartCopyCommand: ['s3:GetObject', 's3:PutObject'],
  CompleteMultipartUploadCommand: ['s3:PutObject'],
  AbortMultipartUploadCommand: ['s3:AbortMultipartUpload'],
  ListPartsCommand: ['s3:ListMultipartUploadParts'],
  ListMultipartUploadsCommand: ['s3:ListBucketMultipartUploads'],
  // lib-storage
  Upload: ['s3:PutObject', 's3:AbortMultipartUpload'],
  PostToConnectionCommand: ['execute-api:ManageConnections'],
  GetConnectionCommand: ['execute-api:ManageConnections'],
  DeleteConnectionCommand: ['execute-api:ManageConnections'],
  SynthesizeSpeechCommand: ['polly:SynthesizeSpeech'],
  DescribeVoicesCommand: ['polly:DescribeVoices'],
  StartTranscriptionJobCommand: ['transcribe:StartTranscriptionJob'],
  GetTranscriptionJobCommand: ['transcribe:GetTranscriptionJob'],
  DeleteTranscriptionJobCommand: ['transcribe:DeleteTranscriptionJob'],
};

/** The commands of the SDK in some code, and lib-storage's `Upload`. */
export function commandsIn(code: string): Set<string> {
  // A bundler numbers names that clash.
  const made = [...code.matchAll(/\bnew (\w+?Command|Upload)\d*\(/g)].flatMap(([, name]) => name ?? []);
  return new Set(made);
}

/** @throws Error for a command that nobody has told the actions of */
export function actionsOf(commands: Iterable<string>): Set<string> {
  const actions = new Set<string>();
  for (const command of commands) {
    const needed = ACTIONS[command];
    if (needed === undefined)
      throw new Error(`Which actions of IAM does ${command} need? Add it to sdk-actions.ts.`);
    for (const action of needed) actions.add(action);
  }
  return actions;
}

/** All that the bundle of a function has in it of our own code, with what nobody calls left out. */
export async function codeOf(name: BundleName): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(ENTRIES, `lambda-${name}.ts`)],
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    write: false,
    logLevel: 'silent',
  });
  return outputFiles.map(({ text }) => text).join('\n');
}
