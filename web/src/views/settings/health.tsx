import { queryOptions, useQuery } from '@tanstack/react-query';
import { reach } from '../../api/reach.ts';
import type { components } from '../../api/schema.d.ts';
import { Problem } from '../../api/problem.ts';
import { Loading, Trouble } from '../../controls/notice.tsx';
import { text } from '../../text/text.ts';
import styles from './settings.module.css';

const words = text.settings.state;
const LOOK_MS = 15_000;

type Readiness = components['schemas']['Readiness'];

/** Not by the client: 503 is an answer here. */
const readinessQuery = queryOptions({
  queryKey: ['readiness'],
  queryFn: async (): Promise<Readiness> => {
    const response = await fetch('/ready').catch(() => null);
    if (response === null) {
      reach.lost();
      throw new Problem('offline', text.problems.offline);
    }
    return (await response.json()) as Readiness;
  },
});

/** What the server needs, and whether it has it. */
export function Health() {
  const { data, error, refetch } = useQuery({ ...readinessQuery, refetchInterval: LOOK_MS });
  return (
    <section className={styles['block']}>
      <h3>{words.health}</h3>
      {error !== null && <Trouble error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Loading />}
      <div role="status">
        {data !== undefined && <p>{data.status === 'ready' ? words.ready : words.notReady}</p>}
      </div>
      {data !== undefined && (
        <ul className={styles['rows']}>
          {Object.entries(data.checks).map(([name, check]) => (
            <li key={name} className={styles['row']}>
              <div className={styles['told']}>
                <b>{words.checks[name] ?? name}</b>
                <span className={styles['detail']}>{factOf(check)}</span>
              </div>
              <span className={styles['status']} data-status={check.status}>
                {words.statuses[check.status]}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** What is worth knowing of one beside its state. */
function factOf(check: Readiness['checks'][string]): string {
  const { persistent, open, detail, version } = check;
  if (persistent === false) return words.notKept;
  if (typeof detail === 'string') return detail;
  if (typeof open === 'number') return words.waiting(open);
  return typeof version === 'string' ? words.ffmpeg(version) : '';
}
