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
import { Reason } from './reason.tsx';
import { canRetry, retryRequest } from './steer-request.ts';
import styles from './work.module.css';
import { HeardTextDialog } from './writing/heard-text-dialog.tsx';

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
  const { request_id: id, action, filename, status, progress, error } = request;
  const title = requestTitle(request);
  const isOpen = !isOver(request);
  const [isAsking, setAsking] = useState(false);
  const [isReading, setReading] = useState(false);
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
        {error !== null && <Reason code={error.code} message={error.message} />}
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
        {hasText(request) && (
          <Button onClick={() => setReading(true)} aria-label={`${words.writing.read}: ${title}`}>
            {words.writing.read}
          </Button>
        )}
      </div>
      {isReading && <HeardTextDialog requestId={id} onClose={() => setReading(false)} />}
      {isAsking && isOpen && <CancelDialog id={id} title={title} onClose={() => setAsking(false)} />}
    </li>
  );
}

/** Of a file of the library, the text is there. */
const hasText = ({ status, action, filename }: WorkRequest): boolean =>
  status === 'COMPLETED' && action === 'transcribe' && filename === undefined;

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
