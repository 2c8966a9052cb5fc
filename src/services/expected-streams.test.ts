import { describe, expect, it } from 'vitest';
import type { AudioFileStore } from '../domain/audio-file.ts';
import type { StreamStore } from '../domain/stream.ts';
import { createMemoryPorts } from '../../test/memory-ports.ts';
import { audioFile } from '../../test/sample-records.ts';
import { expectStreams } from './expected-streams.ts';

function open() {
  const reads: string[] = [];
  const { streams, audioFiles } = createMemoryPorts();
  const countedStreams: StreamStore = {
    ...streams,
    find: (tenantId, name) => {
      reads.push(name);
      return streams.find(tenantId, name);
    },
  };
  const countedFiles: AudioFileStore = {
    ...audioFiles,
    version: () => {
      reads.push('version');
      return audioFiles.version();
    },
  };
  return { reads, ...expectStreams(countedStreams, countedFiles) };
}
const stream = (name: string) => ({ tenantId: 'default', name });

describe('what is expected to be asked for', () => {
  it('is read once, and once only for the request that expected it', async () => {
    const { reads, streams, audioFiles, expect: anticipate } = open();
    anticipate(stream('s'));
    expect(reads).toEqual(['s', 'version']);
    expect(await streams.find('default', 's')).toBeNull();
    const version = await audioFiles.version();
    expect(reads).toEqual(['s', 'version']);
    await streams.find('default', 's');
    expect(await audioFiles.version()).toBe(version);
    expect(reads).toEqual(['s', 'version', 's', 'version']);
  });

  it('is no answer to another question, nor to the next request', async () => {
    const { reads, streams, audioFiles, expect: anticipate } = open();
    anticipate(stream('s'));
    await streams.find('other', 's');
    await streams.find('default', 's');
    expect(reads).toEqual(['s', 'version', 's', 's']);
    anticipate(stream('s'));
    anticipate(null);
    await streams.find('default', 's');
    await audioFiles.version();
    expect(reads.slice(4)).toEqual(['s', 'version', 's', 'version']);
  });

  it('tells the next request of a write of the one before', async () => {
    const { audioFiles, expect: anticipate } = open();
    anticipate(stream('s'));
    const before = await audioFiles.version();
    anticipate(stream('s'));
    await audioFiles.create(audioFile('written.mp3'));
    anticipate(stream('s'));
    expect(await audioFiles.version()).not.toBe(before);
  });

  it('is told to whoever asks when it could not be read, and to nobody else', async () => {
    const { streams, audioFiles } = createMemoryPorts();
    const failing = { ...audioFiles, version: () => Promise.reject(new Error('on purpose')) };
    const { audioFiles: expected, expect: anticipate } = expectStreams(streams, failing);
    anticipate(stream('s'));
    anticipate(stream('s'));
    await expect(expected.version()).rejects.toThrow('on purpose');
  });
});
