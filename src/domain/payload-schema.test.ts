import { expect, it } from 'vitest';
import { z } from 'zod';
import { AppError } from './app-error.ts';
import { parsePayload } from './payload-schema.ts';

const schema = z.strictObject({ name: z.string(), parts: z.array(z.strictObject({ size: z.int() })) });

async function errorsOf(payload: unknown): Promise<AppError['errors']> {
  const error: unknown = await parsePayload(schema, payload).catch((reason: unknown) => reason);
  if (!(error instanceof AppError)) throw new Error('It was not refused.');
  expect(error.code).toBe('invalid_input');
  return error.errors;
}

it('is what the schema makes of it', async () => {
  const payload = { name: 'x', parts: [{ size: 1 }] };
  expect(await parsePayload(schema, payload)).toEqual(payload);
});

it('is refused with each field that is off, also those that there are not', async () => {
  const errors = await errorsOf({ name: 5, parts: [{ size: 1 }, { size: 1, a: 1, b: 2 }], c: 3 });
  expect(errors.map(({ field }) => field)).toEqual([
    'payload.name',
    'payload.parts[1].a',
    'payload.parts[1].b',
    'payload.c',
  ]);
});

it('is refused in few words, however much is off', async () => {
  const payload = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`key${at}`, 1]));
  expect(await errorsOf(payload)).toHaveLength(100);
});
