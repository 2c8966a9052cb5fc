/** The part of @echogarden/espeak-ng-emscripten that is used here; the package brings no types. */
export interface EspeakModule {
  readonly eSpeakNGWorker: new () => EspeakWorker;
}

export interface EspeakWorker {
  readonly samplerate: number;
  /** Words a minute, from 80 to 450. */
  rate: number;
  list_voices(): readonly EspeakVoice[];
  /** @param name or `identifier`, with `+` and a variant. One that it has not is passed over: the last one speaks on. */
  set_voice(name: string, language: string, gender: number): number;
  /** Runs to the end before it returns. It takes markup, whatever the text is. @param callback stops it by true */
  synthesize(text: string, callback: (samples: Int16Array | null) => boolean): void;
}

export interface EspeakVoice {
  readonly name: string;
  /** `gmw/en-US`: the file that it is in. */
  readonly identifier: string;
  /** Its own first. */
  readonly languages: readonly { readonly priority: number; readonly name: string }[];
}

/** eSpeak NG as WebAssembly, under the GNU General Public License 3. Only for a process of its own. */
export async function loadEspeak(): Promise<EspeakWorker> {
  const path: string = '@echogarden/espeak-ng-emscripten';
  const { default: create } = (await import(path)) as { readonly default: () => Promise<EspeakModule> };
  const { eSpeakNGWorker: Worker } = await create();
  return new Worker();
}
