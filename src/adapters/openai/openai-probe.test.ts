import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryPorts } from '../../../test/memory-ports.ts';
import { startOpenAiStandIn, type OpenAiStandIn } from '../../../test/servers/openai-stand-in.ts';
import { probeOpenAi } from './openai-probe.ts';

const MODELS = JSON.stringify({ object: 'list', data: [{ id: 'whisper-1', object: 'model' }] });

describe('a server of OpenAI’s protocol', () => {
  const { log } = createMemoryPorts();
  let server: OpenAiStandIn;
  const probe = (change: { baseUrl?: string; apiKey?: string } = {}, signal = new AbortController().signal) =>
    probeOpenAi({ baseUrl: server.baseUrl, apiKey: server.apiKey, log, ...change }, signal);
  beforeEach(async () => {
    const list = async () => ({ contentType: 'application/json', body: MODELS });
    server = await startOpenAiStandIn({ handlers: { 'GET /v1/models': list } });
  });
  afterEach(() => server.stop());

  it('is asked for its models, and answers', async () => {
    await probe();
    expect(server.received).toEqual(['GET /v1/models']);
    await expect.poll(() => server.open()).toBe(0);
  });

  it.each([404, 405])('answers also when it lists none (%i)', async (status) => {
    server.misbehave({ status, body: { detail: 'Not Found' } });
    await probe();
  });

  it('refuses a wrong key, and is not there when it is down', async () => {
    await expect(probe({ apiKey: 'sk-wrong' })).rejects.toMatchObject({ code: 'engine_refused' });
    server.misbehave({ status: 503 }, 'reset');
    for (let round = 0; round < 2; round += 1) {
      await expect(probe()).rejects.toMatchObject({ code: 'engine_unavailable' });
    }
  });

  it('is waited for no longer than its caller wants', async () => {
    server.misbehave('mute');
    const leaving = new AbortController();
    const probing = probe({}, leaving.signal);
    await expect.poll(() => server.open()).toBe(1);
    leaving.abort();
    await expect(probing).rejects.toMatchObject({ code: 'aborted' });
    await expect.poll(() => server.open()).toBe(0);
  });
});
