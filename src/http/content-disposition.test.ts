import { expect, it } from 'vitest';
import { attachment } from './content-disposition.ts';

it.each([
  ['story.mp3', 'attachment; filename="story.mp3"'],
  ['a "b".wav', `attachment; filename="a _b_.wav"; filename*=UTF-8''a%20%22b%22.wav`],
  ["it's (1).mp3", `attachment; filename="it's (1).mp3"`],
  ["é's.mp3", `attachment; filename="_'s.mp3"; filename*=UTF-8''%C3%A9%27s.mp3`],
  ['猫🐈.mp3', `attachment; filename="__.mp3"; filename*=UTF-8''%E7%8C%AB%F0%9F%90%88.mp3`],
  ['50%.mp3', `attachment; filename="50_.mp3"; filename*=UTF-8''50%25.mp3`],
])('%s', (filename, header) => {
  expect(attachment(filename)).toBe(header);
});
