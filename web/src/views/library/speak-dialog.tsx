import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState, type SubmitEvent } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { messageOf, Problem } from '../../api/problem.ts';
import { queryClient } from '../../api/query-client.ts';
import { voicesQuery } from '../../api/voices.ts';
import { Button } from '../../controls/button.tsx';
import { Dialog } from '../../controls/dialog.tsx';
import { SelectField, TextArea, TextField } from '../../controls/field.tsx';
import { formText } from '../../controls/form-text.ts';
import { Loading, Trouble } from '../../controls/notice.tsx';
import { ProgressBar } from '../../controls/progress-bar.tsx';
import { toasts } from '../../controls/toast-store.ts';
import { text } from '../../text/text.ts';
import { followRequest } from '../../api/follow-request.ts';
import styles from './file-view.module.css';
import { VoiceTrial } from './voice-trial.tsx';

const words = text.library.speech;
const MAX_CHARACTERS = 100_000;
const SPEEDS = [0.75, 0.9, 1, 1.15, 1.3];

/** A text becomes a file of the library. It goes on when the dialog is closed. */
export function SpeakDialog({ onClose }: { readonly onClose: () => void }) {
  const voices = useQuery(voicesQuery);
  const navigate = useNavigate();
  const [voice, setVoice] = useState<string>();
  const [percentage, setPercentage] = useState<number | null>(null);
  const [problem, setProblem] = useState<string>();
  const isOpen = useRef(true);
  useEffect(() => {
    isOpen.current = true;
    return () => {
      isOpen.current = false;
    };
  }, []);
  const chosen = voice ?? voices.data?.default ?? '';

  async function speak(event: SubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const title = formText(form, 'title').trim();
    const filename = `${title
      .replaceAll(/[^\p{L}\p{N} _.-]+/gu, ' ')
      .trim()
      .replace(/^\.+/, '')
      .slice(0, 60)}.mp3`;
    const speed = Number(formText(form, 'speed'));
    setProblem(undefined);
    setPercentage(0);
    try {
      const { request_id: requestId } = await dataOf(
        api.POST('/api/audio/generate-tts', {
          body: { filename, title, text: formText(form, 'text'), voice: chosen, speed },
        }),
      );
      await queryClient.invalidateQueries({ queryKey: keys.files });
      await followRequest(requestId, { onProgress: setPercentage });
      await queryClient.invalidateQueries({ queryKey: keys.files });
      // Whoever closed it is somewhere else by now, and stays there.
      if (!isOpen.current) return void toasts.show(words.done(title));
      onClose();
      await navigate({ to: '/library/$filename', params: { filename } });
    } catch (error) {
      const message =
        error instanceof Problem && error.code === 'already_exists' ? words.taken : messageOf(error);
      if (isOpen.current) setProblem(message);
      else toasts.show(words.failed(title, message), { kind: 'problem' });
    } finally {
      setPercentage(null);
    }
  }

  return (
    <Dialog title={words.title} onClose={onClose}>
      {voices.error !== null && <Trouble error={voices.error} onRetry={() => void voices.refetch()} />}
      {voices.isPending && <Loading />}
      {voices.data !== undefined && (
        <form
          className={styles['form']}
          onSubmit={(event) => {
            speak(event).catch((error: unknown) => setProblem(messageOf(error)));
          }}
        >
          <TextField label={words.name} name="title" maxLength={200} required data-first-focus />
          <TextArea label={words.text} name="text" rows={7} maxLength={MAX_CHARACTERS} required />
          <div className={styles['voices']}>
            <SelectField label={words.voice} value={chosen} onChange={({ target }) => setVoice(target.value)}>
              {voices.data.voices.map(({ id, name, language }) => (
                <option key={id} value={id}>
                  {language === '*' || name.includes(language) ? name : `${name} · ${language}`}
                </option>
              ))}
            </SelectField>
            <VoiceTrial voice={chosen} />
            <SelectField label={words.speed} name="speed" defaultValue={1}>
              {SPEEDS.map((speed) => (
                <option key={speed} value={speed}>
                  {words.speedOf(speed)}
                </option>
              ))}
            </SelectField>
          </div>
          {problem !== undefined && (
            <p role="alert" className={styles['problem']}>
              {problem}
            </p>
          )}
          {percentage !== null && (
            <>
              <p role="status">{words.running}</p>
              <ProgressBar label={words.running} percentage={percentage === 0 ? undefined : percentage} />
            </>
          )}
          <div className={styles['foot']}>
            <Button onClick={onClose}>{text.shell.cancel}</Button>
            <Button kind="primary" type="submit" disabled={percentage !== null}>
              {words.submit}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
