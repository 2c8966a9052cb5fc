import { expect, it } from 'vitest';
import { AppError } from '../domain/app-error.ts';
import { underFreeName } from './under-free-name.ts';

const taken = () => new AppError('already_exists', 'Taken.');

it('takes the name, or the first number of it that is free', async () => {
  const names = new Set(['story.mp3', 'story-2.mp3']);
  const take = async (filename: string) => {
    if (names.has(filename)) throw taken();
    names.add(filename);
    return filename;
  };
  expect(await underFreeName('other.mp3', take)).toBe('other.mp3');
  expect(await underFreeName('story.mp3', take)).toBe('story-3.mp3');
  expect(await underFreeName('story.mp3', take)).toBe('story-4.mp3');
});

it('gives up past a thousand, and at any other error', async () => {
  let tries = 0;
  const never = async () => {
    tries += 1;
    throw taken();
  };
  await expect(underFreeName('story.mp3', never)).rejects.toMatchObject({ code: 'already_exists' });
  expect(tries).toBe(1000);
  const broken = async () => {
    throw new AppError('storage_unavailable', 'Not now.');
  };
  await expect(underFreeName('story.mp3', broken)).rejects.toMatchObject({ code: 'storage_unavailable' });
});
