import { canonicalLanguage } from '../../domain/language-tag.ts';
import type { Voice } from '../../domain/text-to-speech.ts';
import type { EspeakVoice } from './espeak-module.ts';

export interface ListedVoice extends Voice {
  /** What eSpeak knows it by. */
  readonly identifier: string;
}

/** Of the variants that come along, the one that sounds most like a woman; it goes with any voice. */
const FEMALE = '+f3';

/** All of eSpeak's voices, each as it is and as a woman's. */
export function listVoices(voices: readonly EspeakVoice[]): ListedVoice[] {
  return voices.flatMap(({ name, identifier, languages }) => {
    const id = identifier.slice(identifier.lastIndexOf('/') + 1);
    const language = canonicalLanguage(languages[0]?.name ?? id);
    return [
      { id, identifier, name, language, gender: 'male' },
      {
        id: `${id}${FEMALE}`,
        identifier: `${identifier}${FEMALE}`,
        name: `${name}, female`,
        language,
        gender: 'female',
      },
    ];
  });
}

/** The first voice of a language: of this one in particular, else of one that is a kind of it, or that it is a kind of. */
export function voiceOf(voices: readonly ListedVoice[], language: string): ListedVoice | undefined {
  const wanted = canonicalLanguage(language);
  const [primary = wanted] = wanted.split('-');
  return (
    voices.find((voice) => voice.language === wanted) ??
    voices.find((voice) => voice.language.startsWith(`${wanted}-`)) ??
    voices.find((voice) => voice.language === primary) ??
    voices.find((voice) => voice.language.startsWith(`${primary}-`))
  );
}
