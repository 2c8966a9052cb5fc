import { SaxesParser } from 'saxes';
import { ValidationError } from '../../domain/app-error.ts';
import type { ReadSsml, SsmlNode } from '../../domain/ssml.ts';

/** By the rules of XML 1.0; comments and processing instructions are left out. */
export const readSsml: ReadSsml = (document) => {
  const nodes: SsmlNode[] = [];
  const addText = (text: string) => {
    nodes.push({ kind: 'text', text });
  };
  const parser = new SaxesParser();
  parser.on('error', (cause) => {
    // Its own words, which quote the caller's text alone: where, and what is wrong there.
    throw new ValidationError('text', `This is no well-formed SSML: ${cause.message.slice(0, 200)}`, {
      cause,
    });
  });
  parser.on('doctype', () => {
    throw new ValidationError('text', 'SSML has no document type here.');
  });
  parser.on('opentag', ({ name, attributes, isSelfClosing }) => {
    nodes.push(isSelfClosing ? { kind: 'empty', name, attributes } : { kind: 'open', name, attributes });
  });
  parser.on('closetag', ({ name, isSelfClosing }) => {
    if (!isSelfClosing) nodes.push({ kind: 'close', name });
  });
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.write(document).close();
  // Around the outermost element there are but blanks.
  return nodes.filter((node, index) => node.kind !== 'text' || (index > 0 && index < nodes.length - 1));
};
