/** A program that speaks by way of eSpeak NG, order by order, until its standard input ends. See espeak-wire.ts. */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { loadEspeak } from './espeak-module.ts';
import { ANSWER_DESCRIPTOR, FRAME_HEAD_BYTES, type EspeakOrder, type EspeakVoices } from './espeak-wire.ts';

const worker = await loadEspeak();

function writeFrame(content: Uint8Array): void {
  const frame = Buffer.alloc(FRAME_HEAD_BYTES + content.length);
  frame.writeUInt32LE(content.length);
  frame.set(content, FRAME_HEAD_BYTES);
  // Waits for the reader: nothing piles up here.
  for (let written = 0; written < frame.length;) {
    written += writeSync(ANSWER_DESCRIPTOR, frame, written);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as EspeakOrder;
  if (order.kind === 'voices') {
    const answer: EspeakVoices = { sampleRateHz: worker.samplerate, voices: worker.list_voices() };
    writeFrame(Buffer.from(JSON.stringify(answer)));
  } else {
    worker.set_voice(order.voice, '', 0);
    worker.rate = order.rate;
    worker.synthesize(order.markup, (samples) => {
      if (samples !== null && samples.length > 0) {
        writeFrame(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
      }
      return false;
    });
  }
  writeFrame(new Uint8Array());
}
