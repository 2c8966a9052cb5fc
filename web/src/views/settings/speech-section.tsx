import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import { Loading, Trouble } from '../../controls/notice.tsx';
import { text } from '../../text/text.ts';
import { Facts } from './facts.tsx';
import styles from './settings.module.css';
import { VoiceList } from './voice-list.tsx';

const words = text.settings.engines;

const enginesQuery = queryOptions({
  queryKey: ['speech-engines'],
  queryFn: () => dataOf(api.GET('/api/speech/engines')),
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
