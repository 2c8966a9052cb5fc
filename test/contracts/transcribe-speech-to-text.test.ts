import { join } from 'node:path';
import { openTranscribeClient } from '../../src/adapters/aws-transcribe/transcribe-client.ts';
import { createTranscribe } from '../../src/adapters/aws-transcribe/transcribe-speech-to-text.ts';
import { makeS3Client, makeTestBucket, startS3 } from '../servers/s3-server.ts';
import { startTranscribeStandIn, type TranscribeScript } from '../servers/transcribe-stand-in.ts';
import { log } from './make-with-ffmpeg.ts';
import { describeSpeechToTextContract } from './speech-to-text.contract.ts';

const path = join(import.meta.dirname, '..', 'fixtures', 'fits.mp3');
const word = (content: string, start: number, end: number) => ({
  type: 'pronunciation',
  start_time: String(start),
  end_time: String(end),
  alternatives: [{ confidence: '0.99', content }],
});
const SAID = [word('Hello', 0.5, 0.9), word('there', 2, 2.5), word('again', 4, 400)];

describeSpeechToTextContract('AWS Transcribe', async () => {
  const script: TranscribeScript = { items: SAID, language: 'en-US', failure: null, output: null, polls: 2 };
  const server = await startS3();
  const s3 = makeS3Client(server.endpoint);
  const standIn = await startTranscribeStandIn(s3, script);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'testtest' };
  const clientAt = (endpoint: string) => openTranscribeClient({ region: 'us-east-1', endpoint, credentials });
  const clients = [clientAt(standIn.endpoint), clientAt('http://127.0.0.1:1')] as const;
  let id = 0;
  const options = { s3, bucket: await makeTestBucket(s3), newId: () => `id-${id++}`, log, firstPollMs: 50 };
  const engine = createTranscribe({ ...options, transcribe: clients[0] });
  return {
    engine: {
      ...engine,
      transcribe: (file, rest) => {
        // The stand-in has no ears.
        script.items = rest.durationMs === 1000 ? [] : SAID;
        return engine.transcribe(file, rest);
      },
    },
    down: createTranscribe({ ...options, transcribe: clients[1] }),
    downCode: 'engine_unavailable',
    speech: { path, durationMs: 5000 },
    silence: { path, durationMs: 1000 },
    close: async () => {
      for (const client of [...clients, s3]) client.destroy();
      await standIn.stop();
      await server.stop();
    },
  };
});
