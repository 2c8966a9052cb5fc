import { queryOptions, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { TextField } from '../../controls/field.tsx';
import { Loading, Trouble } from '../../controls/notice.tsx';
import { text } from '../../text/text.ts';
import { Facts } from './facts.tsx';
import styles from './settings.module.css';

const words = text.settings.engines;

const enginesQuery = queryOptions({
  queryKey: ['speech-engines'],
  queryFn: () => dataOf(api.GET('/api/speech/engines')),
});

const voicesQuery = queryOptions({
  queryKey: [...keys.voices, 'settings'],
  queryFn: () => dataOf(api.GET('/api/audio/tts/voices')),
});

type Engines = Awaited<ReturnType<NonNullable<typeof enginesQuery.queryFn>>>;
type Engine = NonNullable<Engines['hearing'] | Engines['speaking']>;

/** Which engines hear and speak, and whether they answer. */
export function SpeechSection() {
  const { data, error, refetch } = useQuery(enginesQuery);
  if (error !== null) return <Trouble error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  const { hearing, hearing_hint: hint, speaking } = data;
  return (
    <>
      <section className={styles['block']}>
        <h3>{words.hearing}</h3>
        {hearing === null ? <p>{words.noHearing}</p> : <EngineFacts engine={hearing} />}
        {hint !== undefined && (
          <>
            <p className={styles['hint']}>{words.hint}</p>
            <code className={styles['key']}>{hint}</code>
          </>
        )}
      </section>
      <section className={styles['block']}>
        <h3>{words.speaking}</h3>
        {speaking === null ? <p>{words.noSpeaking}</p> : <EngineFacts engine={speaking} />}
        {speaking !== null && <VoiceList count={speaking.voice_count} standard={speaking.default_voice} />}
      </section>
    </>
  );
}

function EngineFacts({
  engine: { engine, model, is_local: isLocal, answers, problem },
}: {
  readonly engine: Engine;
}) {
  return (
    <>
      <p data-status={answers === false ? 'failed' : 'ok'} className={styles['status']}>
        {answers === undefined ? words.unasked : answers ? words.answers : words.silent}
      </p>
      {problem !== undefined && <p className={styles['wrong']}>{problem.detail}</p>}
      <Facts
        facts={[
          [words.engine, `${engine}, ${isLocal ? words.local : words.remote}`],
          [words.model, model],
        ]}
      />
    </>
  );
}

interface VoiceListProps {
  readonly count: number | undefined;
  readonly standard: string | undefined;
}

function VoiceList({ count, standard }: VoiceListProps) {
  const [isOpen, setOpen] = useState(false);
  const [wanted, setWanted] = useState('');
  const { data, error } = useQuery({ ...voicesQuery, enabled: isOpen });
  const found = data?.voices.filter(({ id, name, language }) =>
    `${id} ${name} ${language}`.toLowerCase().includes(wanted.trim().toLowerCase()),
  );
  return (
    <>
      <Facts
        facts={[
          [
            words.voices,
            [
              count !== undefined && words.voiceCount(count),
              standard !== undefined && words.defaultVoice(standard),
            ]
              .filter((part) => part !== false)
              .join('; '),
          ],
        ]}
      />
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary className={styles['summary']}>{words.showVoices}</summary>
        {error !== null && <Trouble error={error} />}
        {isOpen && (
          <TextField
            label={words.findVoice}
            type="search"
            value={wanted}
            onChange={({ currentTarget }) => setWanted(currentTarget.value)}
          />
        )}
        {found?.length === 0 && <p role="status">{words.noVoice}</p>}
        <ul className={styles['voices']}>
          {found?.map(({ id, name, language }) => (
            <li key={id}>
              {name} <span className={styles['hint']}>{language}</span>
            </li>
          ))}
        </ul>
      </details>
    </>
  );
}
