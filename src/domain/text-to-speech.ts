export interface Voice {
  /** What `speak` takes. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** BCP 47: `en-GB`. `*` for a voice that speaks whatever it is given. */
  readonly language: string;
  readonly gender: 'female' | 'male' | 'neutral' | 'unknown';
}

export interface SpeakOptions {
  /** One of `voices`; without it, the engine's own. */
  readonly voiceId?: string | undefined;
  /** 1 = as the voice speaks; 0.25 to 4. */
  readonly speed: number;
  /** Whether the text is a `<speak>` document. */
  readonly isSsml: boolean;
  readonly signal: AbortSignal;
}

/**
 * An engine that speaks.
 *
 * `speak` throws, when it is called or iterated, invalid_input for a voice or markup that it has not, engine_unavailable,
 * engine_refused, engine_timeout, tool_unavailable and aborted as speech-to-text.ts has them.
 */
export interface TextToSpeech {
  readonly kind: 'espeak' | 'openai' | 'polly';
  /** Of what `speak` gives. */
  readonly sampleRateHz: number;
  /** Of one call of `speak`. */
  readonly maxCharacters: number;
  readonly takesSsml: boolean;
  /** Whether it works on this machine's own processor. */
  readonly isLocal: boolean;
  describe(): Promise<{ readonly kind: string; readonly model: string }>;
  /** Asks a remote engine whether it is there and takes our key, at no cost; absent where `voices` does. @throws as `speak` */
  readonly probe?: ((signal: AbortSignal) => Promise<void>) | undefined;
  voices(signal: AbortSignal): Promise<readonly Voice[]>;
  /** The `id` of the voice that speaks where none is named. @throws as `speak` */
  defaultVoice(signal: AbortSignal): Promise<string>;
  /** One channel, 16-bit integers, little-endian, without a header; a chunk may end within a sample. */
  speak(text: string, options: SpeakOptions): AsyncIterable<Uint8Array>;
}
