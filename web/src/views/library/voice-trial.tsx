import { useEffect, useRef, useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
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
    await dataOf(
      api.POST('/api/audio/generate-tts', {
        params: { header: { prefer: 'wait=30' } },
        body: { filename, text: words.sentence, voice },
      }),
    );
    const { data } = await api.GET('/api/audio/{filename}', { params: { path }, parseAs: 'blob' });
    const url = URL.createObjectURL(data as unknown as Blob);
    heard.set(voice, url);
    return url;
  } finally {
    await api.DELETE('/api/audio/{filename}', { params: { path } });
    await queryClient.invalidateQueries({ queryKey: keys.files });
  }
}

export function VoiceTrial({ voice }: { readonly voice: string }) {
  const audio = useRef<HTMLAudioElement>(null);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    const element = audio.current;
    return () => element?.pause();
  }, []);

  async function hear(): Promise<void> {
    setBusy(true);
    try {
      const url = await soundOf(voice);
      if (audio.current === null) return;
      player.pause();
      audio.current.src = url;
      await audio.current.play();
    } catch (error) {
      toasts.problem(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <Button disabled={isBusy || voice === ''} onClick={() => void hear()}>
        <Icon name="speak" />
        {isBusy ? words.tryingVoice : words.tryVoice}
      </Button>
      <audio ref={audio} />
    </>
  );
}
