import { describe, expect, it } from 'vitest';
import { createMemoryPorts } from '../../test/memory-ports.ts';
import { audioFile, START_MS } from '../../test/sample-records.ts';
import type { AudioFile } from '../domain/audio-file.ts';
import type { Transcript } from '../domain/transcript.ts';
import type { Ports } from './ports.ts';
import { saveTranscript, setTranscriptStatus } from './save-transcript.ts';
import { sweepRetired } from './sweep-retired.ts';
import { readTranscriptObject } from './transcript-object.ts';

const DAY_MS = 24 * 3_600_000;

const said = (...texts: string[]): Transcript => ({
  segments: texts.map((text, index) => ({ startMs: index * 1000, endMs: index * 1000 + 900, text })),
  language: 'en',
  source: 'engine',
});

async function openLibrary(change: Partial<AudioFile> = {}) {
  let nowMs = START_MS;
  const ports = createMemoryPorts({ clock: () => nowMs });
  await ports.audioFiles.create(audioFile('a.mp3', change));
  return {
    ports,
    pass: (ms: number) => (nowMs += ms),
    find: () => ports.audioFiles.find('default', 'a.mp3'),
    search: async (text: string) => (await ports.audioFiles.search('default', text, 10)).length,
    save: (transcript: Transcript, options?: Parameters<typeof saveTranscript>[4]) =>
      saveTranscript(ports, 'default', 'a.mp3', transcript, options),
  };
}

/** Somebody else saves the record whenever a save begins, so often. */
function disturb(ports: Ports, times: number): Ports {
  const { audioFiles } = ports;
  let left = times;
  return {
    ...ports,
    audioFiles: {
      ...audioFiles,
      async save(file, revision, beside) {
        if (left > 0) {
          left -= 1;
          const current = await audioFiles.find(file.tenantId, file.filename);
          if (current !== null)
            await audioFiles.save({ ...current, title: `edit ${left}` }, current.revision);
        }
        return audioFiles.save(file, revision, beside);
      },
    },
  };
}

describe('saveTranscript', () => {
  it('keeps it as an object, tells it in the record and makes it searchable', async () => {
    const library = await openLibrary({ transcriptStatus: 'failed', transcriptError: 'No.' });
    const transcript = said('The whale,  it sings.', 'Far away.');
    const saved = await library.save(transcript);
    expect(saved).toMatchObject({
      transcriptStatus: 'completed',
      hasTranscript: true,
      transcriptExcerpt: 'The whale, it sings. Far away.',
      transcriptLanguage: 'en',
      transcribedAtMs: START_MS,
    });
    expect(saved.transcriptError).toBeUndefined();
    expect(saved.transcriptKey).toMatch(/^transcripts\/[0-9a-f]{64}\.json$/);
    expect(await readTranscriptObject(library.ports.objects, saved.transcriptKey ?? '')).toEqual(transcript);
    expect(await library.search('whale sing')).toBe(1);
  });

  it('replaces another whole, and lets its readers end', async () => {
    const library = await openLibrary();
    const first = await library.save(said('The first.'));
    const second = await library.save(said('The second.'));
    expect(second.transcriptKey).not.toBe(first.transcriptKey);
    expect(await library.search('first')).toBe(0);
    expect(await library.search('second')).toBe(1);
    await sweepRetired(library.ports);
    expect(await library.ports.objects.find(first.transcriptKey ?? '')).not.toBeNull();
    library.pass(DAY_MS + 1);
    await sweepRetired(library.ports);
    expect(await library.ports.objects.find(first.transcriptKey ?? '')).toBeNull();
    expect(await library.ports.objects.find(second.transcriptKey ?? '')).not.toBeNull();
  });

  it('is not swept when it comes again, nor while another file says the same', async () => {
    const library = await openLibrary();
    await library.ports.audioFiles.create(audioFile('b.mp3'));
    const { transcriptKey = '' } = await library.save(said('The same.'));
    await saveTranscript(library.ports, 'default', 'b.mp3', said('The same.'));
    await library.save(said('Another.'));
    library.pass(DAY_MS + 1);
    await sweepRetired(library.ports);
    expect(await library.ports.objects.find(transcriptKey)).not.toBeNull();
  });

  it('refuses a transcript of other audio, and changes nothing then', async () => {
    const library = await openLibrary();
    const before = await library.save(said('Before.'), { ifOriginalSha256: 'sha-a.mp3' });
    const refused = library.save(said('After.'), { ifOriginalSha256: 'sha-of-another' });
    await expect(refused).rejects.toMatchObject({ code: 'conflict' });
    expect(await library.find()).toEqual(before);
    expect(await library.search('after')).toBe(0);
    // What was written for nothing goes.
    library.pass(DAY_MS + 1);
    await sweepRetired(library.ports);
    expect((await library.ports.objects.list('transcripts/', { limit: 10 })).items).toHaveLength(1);
  });

  it('goes round edits of the record, and gives up when they do not end', async () => {
    const library = await openLibrary();
    const saved = await saveTranscript(disturb(library.ports, 3), 'default', 'a.mp3', said('Whale.'));
    expect(saved).toMatchObject({ title: 'edit 0', hasTranscript: true });
    const endless = saveTranscript(disturb(library.ports, Infinity), 'default', 'a.mp3', said('Other.'));
    await expect(endless).rejects.toMatchObject({ code: 'conflict' });
    expect(await library.search('whale')).toBe(1);
  });

  it('says so when there is no such file', async () => {
    const { ports } = await openLibrary();
    const missing = saveTranscript(ports, 'default', 'b.mp3', said('Whale.'));
    await expect(missing).rejects.toMatchObject({ code: 'not_found' });
    const ofOthers = saveTranscript(ports, 'neighbours', 'a.mp3', said('Whale.'));
    await expect(ofOthers).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('setTranscriptStatus', () => {
  it('tells how it goes, and leaves a transcript that is there', async () => {
    const { ports, save, find, search } = await openLibrary();
    await save(said('Whale.'));
    const options = { error: 'Nobody listens.', requestId: 'request-1' };
    const failed = await setTranscriptStatus(ports, 'default', 'a.mp3', 'failed', options);
    expect(failed).toMatchObject({
      transcriptStatus: 'failed',
      transcriptError: 'Nobody listens.',
      transcriptRequestId: 'request-1',
      hasTranscript: true,
    });
    expect(await search('whale')).toBe(1);
    const again = await setTranscriptStatus(ports, 'default', 'a.mp3', 'processing');
    expect(again).toMatchObject({ transcriptStatus: 'processing', transcriptRequestId: 'request-1' });
    expect(again?.transcriptError).toBeUndefined();
    expect(await find()).toEqual(again);
  });

  it('writes nothing that is so already, and says null when the file is gone', async () => {
    const { ports, find } = await openLibrary();
    const before = await find();
    expect(await setTranscriptStatus(ports, 'default', 'a.mp3', 'disabled')).toEqual(before);
    expect(await find()).toEqual(before);
    expect(await setTranscriptStatus(ports, 'default', 'b.mp3', 'pending')).toBeNull();
  });
});
