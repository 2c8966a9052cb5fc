import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryPorts } from '../../test/memory-ports.ts';
import type { StreamDefinition } from '../domain/stream.ts';
import { LOCAL_CALLER } from './authenticate.ts';
import { takeOverStream } from './import-streams.ts';
import type { Ports } from './ports.ts';

const NOW_MS = Date.UTC(2026, 0, 2);
const CALLER = { ...LOCAL_CALLER, tenantId: 'neighbours' };
const DEFINITION: StreamDefinition = {
  tenantId: 'default',
  name: 'bedtime',
  title: 'Good night',
  files: ['a.mp3', 'b.mp3', 'a.mp3'],
  playMode: 'shuffle',
  persistence: 'session',
  expiresAtMs: NOW_MS + 1,
  sessionId: 'theirs',
  createdBy: '17',
  updatedAtMs: 5,
};
const KEEP = { overwrites: false, isDryRun: false };

let ports: Ports;
const find = () => ports.streams.find('neighbours', 'bedtime');

beforeEach(() => {
  ports = createMemoryPorts({ clock: () => NOW_MS });
});

describe('taking over a stream', () => {
  it('keeps all that is said of it, but whose it is', async () => {
    const taken = await takeOverStream(ports, CALLER, DEFINITION, KEEP);
    expect(taken).toMatchObject({ result: 'created', missing: ['a.mp3', 'b.mp3'] });
    expect(await find()).toMatchObject({ ...DEFINITION, tenantId: 'neighbours' });
    expect(await ports.streams.find('default', 'bedtime')).toBeNull();
    const again = await takeOverStream(
      ports,
      CALLER,
      { ...DEFINITION, updatedAtMs: 6, createdBy: '1' },
      KEEP,
    );
    expect(again.result).toBe('unchanged');
    expect(await find()).toMatchObject({ updatedAtMs: 5 });
  });

  it('leaves one of other content, unless it is to be overwritten', async () => {
    await takeOverStream(ports, CALLER, DEFINITION, KEEP);
    const other = { ...DEFINITION, files: ['c.mp3'] };
    expect((await takeOverStream(ports, CALLER, other, KEEP)).result).toBe('conflict');
    const dry = { overwrites: true, isDryRun: true };
    expect((await takeOverStream(ports, CALLER, other, dry)).result).toBe('replaced');
    expect((await find())?.files).toEqual(DEFINITION.files);
    expect((await takeOverStream(ports, CALLER, other, { ...dry, isDryRun: false })).result).toBe('replaced');
    expect((await find())?.files).toEqual(['c.mp3']);
  });

  it('sees one that somebody else makes in the meantime', async () => {
    const theirs = { ...DEFINITION, tenantId: 'neighbours', files: ['theirs.mp3'] };
    const { streams } = ports;
    let isFirst = true;
    const racing = createMemoryPorts({
      clock: () => NOW_MS,
      streams: {
        ...streams,
        save: async (stream, expected) => {
          if (isFirst) await streams.save(theirs, null);
          isFirst = false;
          return streams.save(stream, expected);
        },
      },
    });
    expect((await takeOverStream(racing, CALLER, DEFINITION, KEEP)).result).toBe('conflict');
    expect((await find())?.files).toEqual(['theirs.mp3']);
  });

  it.each([
    [{ expiresAtMs: NOW_MS }, 'conflict'],
    [{ expiresAtMs: undefined }, 'conflict'],
    [{ name: '../x' }, 'invalid_input'],
    [{ title: 'x'.repeat(1000) }, 'invalid_input'],
    [{ files: new Array<string>(5001).fill('a.mp3') }, 'too_large'],
  ])('refuses %o', async (change, code) => {
    for (const isDryRun of [true, false]) {
      const taking = takeOverStream(ports, CALLER, { ...DEFINITION, ...change }, { ...KEEP, isDryRun });
      await expect(taking).rejects.toMatchObject({ code });
    }
    expect(await find()).toBeNull();
  });

  it('is for administrators', async () => {
    const writer = { ...CALLER, isAdmin: false, scopes: ['write'] as const };
    for (const caller of [null, writer]) {
      await expect(takeOverStream(ports, caller, DEFINITION, KEEP)).rejects.toThrow();
    }
    expect(await find()).toBeNull();
  });
});
