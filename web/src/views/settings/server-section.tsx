import { queryOptions, useMutation, useQuery } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import type { Session } from '../../api/types.ts';
import { Button } from '../../controls/button.tsx';
import { Icon } from '../../controls/icon.tsx';
import { Loading, Trouble } from '../../controls/notice.tsx';
import { text } from '../../text/text.ts';
import { BackupBlock } from './backup-block.tsx';
import { Facts } from './facts.tsx';
import { Health } from './health.tsx';
import styles from './settings.module.css';

const words = text.settings.state;
/** The operator's: others have a library on this server, and no say in it. */
const OPERATORS = 'default';

const versionQuery = queryOptions({
  queryKey: ['version'],
  queryFn: () => dataOf(api.GET('/api/version')),
});

/** How the server is doing, for its operator what is wrong with it and a backup, and what it is. */
export function ServerSection({ session: { user } }: { readonly session: Session }) {
  const version = useQuery(versionQuery);
  const isOperator = user.is_admin && user.tenant_id === OPERATORS;
  return (
    <>
      <Health />
      {isOperator && <Diagnosis />}
      {isOperator && <BackupBlock />}
      <section className={styles['block']}>
        <h3>{words.about}</h3>
        {version.isPending && <Loading />}
        {version.error !== null && <Trouble error={version.error} />}
        <Facts
          facts={[
            [words.version, version.data === undefined ? '' : words.versionOf(version.data.version)],
            [words.licence, words.mit],
          ]}
        />
        <a href="/docs" className={styles['link']}>
          {words.api}
        </a>
      </section>
    </>
  );
}

function Diagnosis() {
  const look = useMutation({ mutationFn: () => dataOf(api.GET('/api/admin/diagnosis')) });
  return (
    <section className={styles['block']}>
      <h3>{words.diagnosis}</h3>
      <p className={styles['hint']}>{words.diagnosisHint}</p>
      <div>
        <Button disabled={look.isPending} onClick={() => look.mutate()}>
          <Icon name="search" /> {look.isPending ? words.looking : words.diagnose}
        </Button>
      </div>
      <div role="status">{look.data !== undefined && <p>{words.found[look.data.status]}</p>}</div>
      {look.error !== null && <Trouble error={look.error} />}
      {look.data !== undefined && (
        <ul className={styles['rows']}>
          {look.data.checks.map(({ name, status, detail }) => (
            <li key={name} className={styles['row']}>
              <div className={styles['told']}>
                <b>{words.looks[name] ?? words.checks[name] ?? name}</b>
                <span className={styles['detail']}>{detail}</span>
              </div>
              <span className={styles['status']} data-status={status}>
                {words.statuses[status]}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
