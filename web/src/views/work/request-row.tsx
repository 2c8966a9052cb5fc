import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { isOver } from '../../api/live.ts';
import type { WorkRequest } from '../../api/types.ts';
import { Button } from '../../controls/button.tsx';
import { Icon, type IconName } from '../../controls/icon.tsx';
import { ProgressBar } from '../../controls/progress-bar.tsx';
import { formatDateTime, formatRelativeTime } from '../../text/measures.ts';
import { text } from '../../text/text.ts';
import { requestTitle } from './request-title.ts';
import { CancelDialog } from './cancel-dialog.tsx';
import { canRetry, retryRequest } from './steer-request.ts';
import styles from './work.module.css';

const words = text.work;

const ICONS = {
  PENDING: 'sleep',
  PROCESSING: 'work',
  RETRYING: 'work',
  COMPLETED: 'check',
  FAILED: 'warning',
  CANCELLED: 'close',
} as const satisfies Record<WorkRequest['status'], IconName>;

/** One piece of long work: how far it is, or how it ended, and what can be done about it. */
export function RequestRow({ request, nowMs }: { readonly request: WorkRequest; readonly nowMs: number }) {
  const { request_id: id, action, filename, status, progress } = request;
  const title = requestTitle(request);
  const isOpen = !isOver(request);
  const [isAsking, setAsking] = useState(false);
  return (
    <li className={styles['row']} data-status={status} aria-label={title}>
      <span className={styles['icon']}>
        <Icon name={ICONS[status]} />
      </span>
      <div className={styles['told']}>
        <p className={styles['what']}>
          {words.actions[action] ?? action}
          {filename !== undefined && <b>{filename}</b>}
        </p>
        <State request={request} nowMs={nowMs} />
        {isOpen && <ProgressBar label={title} percentage={status === 'PENDING' ? 0 : progress} />}
        <Reason request={request} />
      </div>
      <div className={styles['steps']}>
        {isOpen && (
          <Button onClick={() => setAsking(true)} aria-label={`${words.cancel}: ${title}`}>
            {words.cancel}
          </Button>
        )}
        {canRetry(request) && (
          <Button onClick={() => void retryRequest(id)} aria-label={`${words.retry}: ${title}`}>
            {words.retry}
          </Button>
        )}
        {status === 'COMPLETED' && filename !== undefined && (
          <Link to="/library/$filename" params={{ filename }} className={styles['open'] ?? ''}>
            {words.openFile}
            <span className="visually-hidden">{filename}</span>
          </Link>
        )}
      </div>
      {isAsking && isOpen && <CancelDialog id={id} title={title} onClose={() => setAsking(false)} />}
    </li>
  );
}

function State({ request, nowMs }: { readonly request: WorkRequest; readonly nowMs: number }) {
  const {
    status,
    progress,
    progress_message: message,
    processing_ended: ended,
    retry_count: tries,
  } = request;
  const time = ended ?? request.created_at;
  const parts = [
    words.statuses[status],
    status === 'PROCESSING' && words.percent(progress),
    status === 'PROCESSING' && message,
    !isOver(request) && tries > 0 && words.tries(tries),
  ].filter((part) => typeof part === 'string' && part !== '');
  return (
    <p className={styles['state']}>
      {parts.join(' · ')}
      {' · '}
      <time dateTime={time} title={formatDateTime(time)}>
        {formatRelativeTime(time, nowMs)}
      </time>
    </p>
  );
}

function Reason({ request: { error } }: { readonly request: WorkRequest }) {
  if (error === null) return null;
  return (
    <div className={styles['reason']}>
      <p>{words.reasons[error.code]}</p>
      <p className={styles['detail']}>{error.message}</p>
    </div>
  );
}
