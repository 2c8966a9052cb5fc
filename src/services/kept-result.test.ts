import { expect, it } from 'vitest';
import { createMemoryPorts } from '../../test/memory-ports.ts';
import type { JsonValue } from '../domain/request.ts';
import { keepResult, keptResultOf } from './kept-result.ts';

const request = { requestId: 'r', seq: 3 };

it('leaves in the record what has room there', async () => {
  const ports = createMemoryPorts();
  for (const result of [null, 1, 'text', [1], { a: 'x'.repeat(60_000) }]) {
    expect(await keepResult(ports, request, result)).toBe(result);
    expect(keptResultOf({ requestId: 'r', result })).toBeNull();
  }
  expect((await ports.objects.list('results/', { limit: 10 })).items).toEqual([]);
});

it('keeps what is larger as an object, of each claim its own', async () => {
  const ports = createMemoryPorts();
  const result = { words: 'ü'.repeat(50_000) };
  const kept = await keepResult(ports, request, result);
  const sizeBytes = Buffer.byteLength(JSON.stringify(result));
  expect(keptResultOf({ requestId: 'r', result: kept })).toEqual({ key: 'results/r-3.json', sizeBytes });
  expect(await ports.objects.find('results/r-3.json')).toMatchObject({ sizeBytes });
});

it('keeps what a record of DynamoDB cannot hold as an object', async () => {
  const ports = createMemoryPorts();
  for (const result of [{ large: 2 ** 60 }, [1e-200], nested(31)]) {
    expect(await keepResult(ports, request, result)).toMatchObject({ result_object: 'results/r-3.json' });
  }
  const result = { most: Number.MAX_SAFE_INTEGER, least: 1e-100, none: 0, deep: nested(29) };
  expect(await keepResult(ports, request, result)).toBe(result);
});

it('takes what merely looks like a kept result, or is one of another request, for what it is', () => {
  const results = [
    { result_object: 'results/other-1.json', size: 1 },
    { result_object: 'playable/abc.mp3', size: 1 },
    { result_object: 'results/r-1.json' },
    { result_object: 1, size: 1 },
  ];
  for (const result of results) expect(keptResultOf({ requestId: 'r', result })).toBeNull();
});

function nested(levels: number): JsonValue {
  let value: JsonValue = 1;
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
}
