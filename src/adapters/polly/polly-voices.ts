import {
  DescribeVoicesCommand,
  type Engine,
  type PollyClient,
  type Voice as Described,
} from '@aws-sdk/client-polly';
import { canonicalLanguage } from '../../domain/language-tag.ts';
import type { Voice } from '../../domain/text-to-speech.ts';

export interface PollyVoice extends Voice {
  readonly engine: Engine;
}

/** A region has about a hundred, in one page or two; past this, something goes round in circles. */
const MAX_PAGES = 20;
/** The better first. */
const ENGINES: readonly Engine[] = ['neural', 'standard', 'long-form', 'generative'];
const GENDERS = { Female: 'female', Male: 'male' } as const;

/** All voices of the region, each with the engine that speaks it. */
export async function describeVoices(client: PollyClient, signal: AbortSignal): Promise<PollyVoice[]> {
  const voices: PollyVoice[] = [];
  let token: string | undefined;
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const command = new DescribeVoicesCommand({ ...(token !== undefined && { NextToken: token }) });
    const answer = await client.send(command, { abortSignal: signal });
    for (const described of answer.Voices ?? []) {
      const voice = toVoice(described);
      if (voice !== null) voices.push(voice);
    }
    token = answer.NextToken;
    if (token === undefined) break;
  }
  return voices;
}

function toVoice({
  Id: id,
  Name: name,
  LanguageCode: code,
  Gender,
  SupportedEngines,
}: Described): PollyVoice | null {
  const engine = ENGINES.find((each) => SupportedEngines?.includes(each) === true);
  if (id === undefined || code === undefined || engine === undefined) return null;
  const gender = Gender === undefined ? 'unknown' : GENDERS[Gender];
  return { id, name: name ?? id, language: canonicalLanguage(code), gender, engine };
}
