import { describe, expect, it } from 'vitest';
import type { StreamStore } from '../domain/stream.ts';
import { createMemoryPorts } from '../../test/memory-ports.ts';
import { expectStreams } from './expected-streams.ts';

function open() {
  const reads: string[] = [];
  const { streams } = createMemoryPorts();
  const counted: StreamStore = {
    ...streams,
    find: (tenantId, name) => {
      reads.push(name);
      return streams.find(tenantId, name);
    },
  };
  return { reads, ...expectStreams(counted) };
}
const stream = (name: string) => ({ tenantId: 'default', name });

describe('a definition that is expected', () => {
  it('is read once, and once only for the request that expected it', async () => {
    const { reads, streams, expect: anticipate } = open();
    anticipate(stream('s'));
    expect(reads).toEqual(['s']);
    expect(await streams.find('default', 's')).toBeNull();
    expect(reads).toEqual(['s']);
    await streams.find('default', 's');
    expect(reads).toEqual(['s', 's']);
  });

  it('is no answer to another question, nor to the next request', async () => {
    const { reads, streams, expect: anticipate } = open();
    anticipate(stream('s'));
    await streams.find('other', 's');
    await streams.find('default', 's');
    expect(reads).toHaveLength(3);
    anticipate(stream('s'));
    anticipate(null);
    await streams.find('default', 's');
    expect(reads).toHaveLength(5);
  });
});
