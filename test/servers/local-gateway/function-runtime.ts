/**
 * Plays the Node.js runtime of Lambda around a bundle: `function-runtime.ts {index.mjs}`, with the pipe to the gateway as
 * file descriptor 3. One invocation at a time; what the runtime adds to the globals is what AWS documents.
 */
import { once } from 'node:events';
import { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { FRAME, readFrames, writeFrame } from './function-frames.ts';

interface Invocation {
  readonly event: unknown;
  readonly requestId: string;
  readonly functionName: string;
  readonly deadlineMs: number;
}

type StreamHandler = (event: unknown, stream: Writable, context: unknown) => Promise<unknown>;
type PlainHandler = (event: unknown, context: unknown) => Promise<unknown>;

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const pipe = new Socket({ fd: 3 });

/** The head goes before the first write, and never without one: so it is with the runtime of Lambda. */
class AnswerStream extends Writable {
  head: string | null = null;

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    if (this.head !== null) writeFrame(pipe, FRAME.head, this.head);
    this.head = null;
    if (chunk.length === 0 || writeFrame(pipe, FRAME.data, chunk)) done();
    else pipe.once('drain', () => done());
  }
}

Object.assign(globalThis, {
  awslambda: {
    streamifyResponse: (handler: StreamHandler) => Object.assign(handler, { [STREAMING]: 'response' }),
    HttpResponseStream: {
      from(stream: AnswerStream, metadata: unknown): AnswerStream {
        stream.head = JSON.stringify(metadata);
        return stream;
      },
    },
  },
});

const contextOf = ({ requestId, functionName, deadlineMs }: Invocation) => ({
  awsRequestId: requestId,
  functionName,
  functionVersion: '$LATEST',
  invokedFunctionArn: `arn:aws:lambda:us-east-1:123456789012:function:${functionName}`,
  memoryLimitInMB: '1024',
  callbackWaitsForEmptyEventLoop: true,
  getRemainingTimeInMillis: () => deadlineMs - Date.now(),
});

async function invoke(handler: StreamHandler | PlainHandler, invocation: Invocation): Promise<string> {
  const context = contextOf(invocation);
  if (!(STREAMING in handler)) {
    return JSON.stringify((await (handler as PlainHandler)(invocation.event, context)) ?? null);
  }
  const stream = new AnswerStream();
  // The runtime takes what the handler throws as its failure, and the stream's own errors with it.
  stream.on('error', () => undefined);
  await (handler as StreamHandler)(invocation.event, stream, context);
  if (!stream.writableFinished) {
    stream.end();
    await once(stream, 'finish');
  }
  return 'null';
}

const { handler } = (await import(pathToFileURL(process.argv[2] ?? '').href)) as {
  handler: StreamHandler | PlainHandler;
};
writeFrame(pipe, FRAME.ready, '');
for await (const { bytes } of readFrames(pipe)) {
  try {
    const result = await invoke(handler, JSON.parse(bytes.toString()) as Invocation);
    writeFrame(pipe, FRAME.result, result);
  } catch (error) {
    writeFrame(pipe, FRAME.failure, String(error instanceof Error ? error.stack : error));
  }
}
process.exit();
