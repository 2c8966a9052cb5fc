import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readSsml } from '../../src/adapters/saxes/ssml-reader.ts';
import { signatureFault, type AwsKey } from './signature-check.ts';

/** Instead of an answer: an error of Polly's, half of the sound, or none at all. */
export type PollyFault =
  | { readonly status: number; readonly name: string; readonly headers?: Record<string, string> }
  | 'cut'
  | 'mute';

export interface PollyStandIn {
  readonly endpoint: string;
  readonly key: AwsKey;
  /** What speech was asked with. */
  readonly asked: Record<string, unknown>[];
  /** Method and path of all that has come. */
  readonly received: string[];
  /** What becomes of the next requests, one after the other. */
  misbehave(...faults: readonly PollyFault[]): void;
  stop(): Promise<void>;
}

const KEY: AwsKey = { accessKeyId: 'AKIDTEST', secretAccessKey: 'secret-for-tests' };
const VOICES = [
  [
    {
      Id: 'Joanna',
      Name: 'Joanna',
      Gender: 'Female',
      LanguageCode: 'en-US',
      SupportedEngines: ['standard', 'neural'],
    },
    {
      Id: 'Geraint',
      Name: 'Geraint',
      Gender: 'Male',
      LanguageCode: 'en-GB-WLS',
      SupportedEngines: ['standard'],
    },
  ],
  [
    {
      Id: 'Vicki',
      Name: 'Vicki',
      Gender: 'Female',
      LanguageCode: 'de-DE',
      SupportedEngines: ['neural', 'standard'],
    },
  ],
];
const FIELDS = ['Engine', 'OutputFormat', 'SampleRate', 'Text', 'TextType', 'VoiceId'];
const BYTES_PER_CHARACTER = 2000;

/** A server on loopback that speaks as Polly does, as far as it is used here, and keeps to its limits. */
export async function startPollyStandIn(): Promise<PollyStandIn> {
  const asked: Record<string, unknown>[] = [];
  const received: string[] = [];
  const faults: PollyFault[] = [];

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request);
    received.push(`${request.method} ${request.url}`);
    const fault = faults.shift();
    if (fault === 'mute') return;
    if (typeof fault === 'object') {
      sendError(response, fault.status, fault.name, fault.headers);
      return;
    }
    const unsigned = signatureFault(request, body, KEY, 'polly');
    if (unsigned !== null) {
      sendError(response, 403, unsigned);
      return;
    }
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    if (request.method === 'GET' && pathname === '/v1/voices') {
      const page = Number(searchParams.get('NextToken') ?? 0);
      const next = page + 1 < VOICES.length ? { NextToken: String(page + 1) } : {};
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ Voices: VOICES[page], ...next }));
    } else if (request.method === 'POST' && pathname === '/v1/speech') {
      const order = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
      asked.push(order);
      speak(response, order, fault);
    } else sendError(response, 404, 'UnknownOperationException');
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    key: KEY,
    asked,
    received,
    misbehave: (...more) => faults.push(...more),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function speak(response: ServerResponse, order: Record<string, unknown>, fault: 'cut' | undefined): void {
  const complaint = complaintAbout(order);
  if (complaint !== null) {
    sendError(response, 400, complaint);
    return;
  }
  const text = billed(order);
  const [percent = 100] = order['TextType'] === 'ssml' ? ratesOf(String(order['Text'])) : [];
  const bytes = Math.round((Array.from(text).length * BYTES_PER_CHARACTER * 50) / percent) * 2;
  const body = Buffer.alloc(bytes, 1);
  response.writeHead(200, { 'content-type': 'audio/pcm', 'x-amzn-requestcharacters': String(text.length) });
  if (fault === 'cut') response.write(body.subarray(0, body.length / 2 + 1), () => response.destroy());
  else response.end(body);
}

/** The name of the exception; null when the order is as Polly takes it. */
function complaintAbout(order: Record<string, unknown>): string | null {
  const {
    Engine: engine,
    OutputFormat: format,
    SampleRate: rate,
    Text: text,
    TextType: type,
    VoiceId: id,
  } = order;
  if (Object.keys(order).some((field) => !FIELDS.includes(field)) || typeof text !== 'string')
    return 'ValidationException';
  const voice = VOICES.flat().find(({ Id }) => Id === id);
  if (voice === undefined || format !== 'pcm') return 'ValidationException';
  if (rate !== '8000' && rate !== '16000') return 'InvalidSampleRateException';
  if (!voice.SupportedEngines.includes(String(engine))) return 'EngineNotSupportedException';
  if (type === 'ssml' && !isMarkup(text)) return 'InvalidSsmlException';
  const isTooLong = Array.from(text).length > 6000 || Array.from(billed(order)).length > 3000;
  return isTooLong ? 'TextLengthExceededException' : null;
}

/** Of the elements of prosody in a document, in percent. */
const ratesOf = (document: string): number[] =>
  readSsml(document).flatMap((node) =>
    node.kind === 'open' && node.name === 'prosody'
      ? [Number(node.attributes['rate']?.replace('%', ''))]
      : [],
  );

function isMarkup(text: string): boolean {
  try {
    return ratesOf(text).every((rate) => rate >= 20 && rate <= 200) && !text.includes('<nothing-of-polly');
  } catch {
    // Polly, too, says no more than that it is invalid.
    return false;
  }
}

/** What is counted: of markup, the text alone. */
function billed({ Text: text, TextType: type }: Record<string, unknown>): string {
  if (type !== 'ssml') return String(text);
  return readSsml(String(text))
    .map((node) => (node.kind === 'text' ? node.text : ''))
    .join('');
}

function sendError(
  response: ServerResponse,
  status: number,
  name: string,
  headers: Record<string, string> = {},
): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': name, ...headers })
    .end(JSON.stringify({ message: 'In the words of the vendor.' }));
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
