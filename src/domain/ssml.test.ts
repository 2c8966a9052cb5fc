import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSsml } from '../adapters/saxes/ssml-reader.ts';
import { splitSsml } from './ssml.ts';
import { characterCount } from './split-text.ts';

const split = (document: string, max: number) => splitSsml(readSsml(document), max);
const contents = (document: string, max: number) => split(document, max).map(({ content }) => content);
const withoutBlanks = (text: string): string => text.replace(/\s/gu, '');

describe('splitSsml', () => {
  it('leaves whole what has room', () => {
    const document = '<speak>Hello <break time="1s"/><emphasis level="strong">you</emphasis>.</speak>';
    expect(split(document, 200)).toEqual([{ content: document, spoken: 'Hello you.' }]);
  });

  it('cuts at the ends of sentences, closing what is open and opening it again', () => {
    const document =
      '<speak xml:lang="en"><prosody rate="80%">The hare ran. The hedgehog did not.</prosody></speak>';
    expect(split(document, 90)).toEqual([
      {
        content: '<speak xml:lang="en"><prosody rate="80%">The hare ran. </prosody></speak>',
        spoken: 'The hare ran.',
      },
      {
        content: '<speak xml:lang="en"><prosody rate="80%">The hedgehog did not.</prosody></speak>',
        spoken: 'The hedgehog did not.',
      },
    ]);
  });

  it('tears nothing apart that says how all of it is spoken', () => {
    const document = '<speak>Call <say-as interpret-as="telephone">0 1. 2 3.</say-as> now.</speak>';
    expect(contents(document, 80)).toEqual([
      '<speak>Call <say-as interpret-as="telephone">0 1. 2 3.</say-as> now.</speak>',
    ]);
    expect(contents(document, 74)).toEqual([
      '<speak>Call <say-as interpret-as="telephone">0 1. 2 3.</say-as></speak>',
      '<speak> now.</speak>',
    ]);
    expect(() => contents(document, 40)).toThrow('more markup in one place');
  });

  it('keeps words apart that elements keep apart', () => {
    const [piece] = split('<speak><p>One</p><p>two<break/>three</p></speak>', 1000);
    expect(piece?.spoken).toBe('One two three');
  });

  it('comes to the same text, in well-formed documents within the limit', () => {
    const word = fc.constantFrom('hare ', 'fox. ', 'a & b ', '<< ', '你好。', '👩‍👩‍👧', 'x'.repeat(60));
    const text = fc.array(word, { minLength: 1, maxLength: 30 }).map((words) => words.join(''));
    const escape = (raw: string) => raw.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    const element = fc.tuple(fc.constantFrom('p', 's', 'emphasis'), text).map(([name, raw]) => ({
      markup: `<${name}>${escape(raw)}</${name}>`,
      raw,
    }));
    fc.assert(
      fc.property(
        fc.array(element, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 60, max: 300 }),
        (all, max) => {
          const document = `<speak>Hi ${all.map(({ markup }) => markup).join('')}</speak>`;
          const pieces = split(document, max);
          const spoken = pieces.map((piece) => piece.spoken).join('');
          expect(withoutBlanks(spoken)).toBe(withoutBlanks(`Hi${all.map(({ raw }) => raw).join('')}`));
          for (const { content } of pieces) {
            expect(characterCount(content)).toBeLessThanOrEqual(max);
            expect(() => readSsml(content)).not.toThrow();
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it.each([
    ['an element that is not closed', '<speak>Hello <p></speak>', 'no well-formed SSML'],
    ['an unknown entity', '<speak>&nbsp;Hello</speak>', 'no well-formed SSML'],
    ['a document type', '<!DOCTYPE speak [<!ENTITY a "b">]><speak>Hello</speak>', 'no document type'],
    ['text behind its end', '<speak>Hello</speak> you', 'no well-formed SSML'],
    ['another document', '<html>Hello</html>', 'not "speak"'],
    ['nothing to be spoken', '<speak><break time="1s"/> ... </speak>', 'nothing in this text'],
    ['an empty document', '<speak/>', 'nothing in this text'],
    ['markup without end', `<speak>${'<p>'.repeat(5000)}a${'</p>'.repeat(5000)}</speak>`, 'more markup'],
  ])('refuses %s', (_what, document, message) => {
    expect(() => contents(document, 1000)).toThrow(message);
  });
});
