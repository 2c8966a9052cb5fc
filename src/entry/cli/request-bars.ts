import type { WriteStream } from 'node:tty';
import cliProgress from 'cli-progress';
import { isFinal, type AsyncRequest } from '../../domain/request.ts';
import { tidyLine } from '../../domain/tidy-line.ts';
import { changeLine, stateText } from './request-text.ts';
import type { Look } from './request-watch.ts';

export interface RequestDisplay {
  readonly show: (look: Look) => void;
  /** Leaves the terminal as it was. */
  readonly finish: () => void;
}

/** What is written to: standard output, or what looks like it. */
export type Output = NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'rows' | 'columns'>>;

const MAX_BARS = 40;
const MAX_ACTION = 16;
/** Below the bars: what is not shown, and the line of the cursor. */
const OTHER_ROWS = 2;
const USUAL_ROWS = 24;

/** Bars where a person watches, a line per change in a pipe. */
export const displayRequests = (output: Output, clock: () => number): RequestDisplay =>
  output.isTTY === true ? drawBars(output, clock) : writeLines(output, clock);

function writeLines(output: Output, clock: () => number): RequestDisplay {
  const toldSeq = new Map<string, number>();
  let toldMore = 0;
  return {
    show({ requests, lost, more }) {
      for (const request of requests) {
        const { requestId, seq, status } = request;
        if (toldSeq.get(requestId) === seq) continue;
        toldSeq.set(requestId, seq);
        output.write(`${changeLine(request, clock())}\n`);
        if (isFinal(status)) toldSeq.delete(requestId);
      }
      for (const id of lost) {
        toldSeq.delete(id);
        output.write(`${lostLine(id, clock())}\n`);
      }
      // What gave its place to others is not shown any more.
      const shown = new Set(requests.map(({ requestId }) => requestId));
      for (const id of toldSeq.keys()) if (!shown.has(id)) toldSeq.delete(id);
      if (more !== toldMore && more > 0) output.write(`${moreLine(more)}\n`);
      toldMore = more;
    },
    finish: () => undefined,
  };
}

interface BarLine {
  readonly head: string;
  /** null: a line of text alone. */
  readonly percentage: number | null;
  readonly tail: string;
}

/** One bar a line for what is open; what has ended goes by above them. */
function drawBars(output: Output, clock: () => number): RequestDisplay {
  const bars = new cliProgress.MultiBar(
    {
      stream: output,
      format: (options, _params, line: BarLine) => {
        const { head, percentage, tail } = line;
        if (percentage === null) return tail;
        const bar = cliProgress.Format.BarFormat(percentage / 100, options);
        return `${head} ${bar} ${String(Math.floor(percentage)).padStart(3)}%  ${tail}`;
      },
      barsize: 24,
      fps: 5,
      hideCursor: true,
      // A line that breaks would be counted as one, and then drawn over another.
      linewrap: false,
      // What goes by above moves the bars, also those that stay as they are.
      forceRedraw: true,
      // The command ends by itself when it is told to.
      gracefulExit: false,
    },
    cliProgress.Presets.shades_classic,
  );
  const lines: cliProgress.SingleBar[] = [];

  const goBy = (line: string) => {
    if (bars.isActive) bars.log(`${line}\n`);
    else output.write(`${line}\n`);
  };

  return {
    show({ requests, lost, more }) {
      const nowMs = clock();
      for (const request of requests) if (isFinal(request.status)) goBy(changeLine(request, nowMs));
      for (const id of lost) goBy(lostLine(id, nowMs));
      const open = requests.filter(({ status }) => !isFinal(status));
      const room = Math.min(MAX_BARS, Math.max(1, (output.rows ?? USUAL_ROWS) - OTHER_ROWS));
      const shown = open.slice(0, room).map((request) => barLineOf(request, nowMs));
      const unseen = more + open.length - shown.length;
      if (unseen > 0) shown.push({ head: '', percentage: null, tail: moreLine(unseen) });
      for (const [at, line] of shown.entries()) {
        const bar = lines[at];
        if (bar === undefined) lines.push(bars.create(100, line.percentage ?? 0, { ...line }));
        else bar.update({ ...line });
      }
      for (const surplus of lines.splice(shown.length)) bars.remove(surplus);
    },
    finish() {
      if (!bars.isActive) return;
      // What is to go by is written with the next drawing, and stopping draws only bars.
      bars.update();
      bars.stop();
    },
  };
}

function barLineOf(request: AsyncRequest, nowMs: number): BarLine {
  const action = tidyLine(request.action, MAX_ACTION).padEnd(MAX_ACTION);
  const head = `${tidyLine(request.requestId, request.requestId.length)} ${action}`;
  const text = stateText(request, nowMs);
  const tail = request.status === 'PENDING' ? 'waits' : text;
  return { head, percentage: request.progress, tail };
}

const lostLine = (id: string, nowMs: number): string =>
  `${new Date(nowMs).toISOString()}  ${tidyLine(id, id.length)}  was deleted`;

const moreLine = (count: number): string => `… and ${count} more`;
