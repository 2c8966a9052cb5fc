import { useEffect, useRef, useState, type ReactNode } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { followRequest } from '../../api/follow-request.ts';
import { keys } from '../../api/keys.ts';
import { Problem } from '../../api/problem.ts';
import { queryClient } from '../../api/query-client.ts';
import { Button } from '../../controls/button.tsx';
import { Icon } from '../../controls/icon.tsx';
import { toasts } from '../../controls/toast-store.ts';
import { player } from '../../player/player.ts';
import { text } from '../../text/text.ts';
import { newId } from '../../uploads/upload-memory.ts';

const words = text.library.speech;

/** What voices have said, as long as the page is there: a second time costs nothing. */
const heard = new Map<string, string>();

/** Has a sentence spoken, takes the sound, and leaves nothing of it in the library. */
async function soundOf(voice: string): Promise<string> {
  const known = heard.get(voice);
  if (known !== undefined) return known;
  const filename = `voice-trial-${newId()}.mp3`;
  const path = { filename };
  try {
    const { request_id: requestId, status } = await dataOf(
      api.POST('/api/audio/generate-tts', {
        params: { header: { prefer: 'wait=30' } },
        body: { filename, text: words.sentence, voice },
      }),
    );
    // Something longer is being spoken before it.
    if (status !== 'COMPLETED') await followRequest(requestId);
    const { data } = await api.GET('/api/audio/{filename}', { params: { path }, parseAs: 'blob' });
    const url = URL.createObjectURL(data as unknown as Blob);
    heard.set(voice, url);
    return url;
  } finally {
    await api.DELETE('/api/audio/{filename}', { params: { path } }).catch((error: unknown) => {
      // It did not come about: why is told already.
      if (!(error instanceof Problem) || error.code !== 'not_found') throw error;
    });
    await queryClient.invalidateQueries({ queryKey: keys.files });
  }
}

interface VoiceTrials {
  readonly hear: (voice: string) => Promise<void>;
  /** What is being spoken, before it is heard. */
  readonly asked: string | null;
  /** Where it sounds; to be shown somewhere. */
  readonly sound: ReactNode;
}

/** Any of some voices, one at a time: what was asked for last is heard. */
export function useVoiceTrials(): VoiceTrials {
  const audio = useRef<HTMLAudioElement>(null);
  const last = useRef<string>(null);
  const [asked, setAsked] = useState<string | null>(null);
  useEffect(() => {
    const element = audio.current;
    return () => {
      last.current = null;
      element?.pause();
    };
  }, []);

  async function hear(voice: string): Promise<void> {
    if (asked === voice) return;
    last.current = voice;
    setAsked(voice);
    audio.current?.pause();
    try {
      const url = await soundOf(voice);
      if (audio.current === null || last.current !== voice) return;
      player.pause();
      audio.current.src = url;
      await audio.current.play();
    } catch (error) {
      // AbortError: another voice was asked for before this one was heard.
      if (!(error instanceof DOMException && error.name === 'AbortError')) toasts.problem(error);
    } finally {
      setAsked((current) => (current === voice ? null : current));
    }
  }

  return { hear, asked, sound: <audio ref={audio} /> };
}

export function VoiceTrial({ voice }: { readonly voice: string }) {
  const { hear, asked, sound } = useVoiceTrials();
  return (
    <>
      <Button disabled={asked !== null || voice === ''} onClick={() => void hear(voice)}>
        <Icon name="speak" />
        {asked === null ? words.tryVoice : words.tryingVoice}
      </Button>
      {sound}
    </>
  );
}
