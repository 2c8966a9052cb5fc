import type { Browser, Page } from 'playwright-core';

/** How the main thread of a page spent its time, as Chromium records it. */
export interface PageTrace {
  /** The longest it was busy without a frame in between; what else the machine did meanwhile is in it. */
  readonly longestTaskMs: number;
  /** Of one of these, the most processor time. */
  readonly longestTaskCpuMs: number;
  /** Between two frames that were asked for. */
  readonly longestGapMs: number;
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds, as the two after it: how long it took, and how long the thread was at it. */
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
}

const CATEGORIES = [
  'toplevel',
  'devtools.timeline',
  'disabled-by-default-devtools.timeline',
  'blink.user_timing',
];
const MARK = 'bench-page';

/** Records a trace of what is done to a page that moves. @throws when the trace knows nothing of it */
export async function tracePage(browser: Browser, page: Page, act: () => Promise<void>): Promise<PageTrace> {
  await browser.startTracing(page, { categories: CATEGORIES });
  // Tells the page's thread from those of other pages.
  await page.evaluate(`performance.mark(${JSON.stringify(MARK)})`);
  await page.evaluate(FOLLOW_FRAMES);
  await act();
  const longestGapMs = Number(await page.evaluate('globalThis.endFollowing()'));
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
    traceEvents: TraceEvent[];
  };
  const mark = traceEvents.find(({ name }) => name === MARK);
  if (mark === undefined) throw new Error('The trace has not recorded the page.');
  const tasks = traceEvents.filter(
    ({ name, ph, pid, tid, ts }) =>
      name.endsWith('RunTask') && ph === 'X' && pid === mark.pid && tid === mark.tid && ts >= mark.ts,
  );
  if (tasks.length < 10) throw new Error('The trace has recorded no tasks of the page.');
  return {
    longestTaskMs: Math.max(...tasks.map(({ dur = 0 }) => dur)) / 1000,
    longestTaskCpuMs: Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1000,
    longestGapMs,
  };
}

const FOLLOW_FRAMES = `(() => {
  let last = performance.now(), longest = 0, ends = false;
  const follow = (now) => {
    longest = Math.max(longest, now - last);
    last = now;
    if (!ends) requestAnimationFrame(follow);
  };
  requestAnimationFrame((now) => { last = now; requestAnimationFrame(follow); });
  globalThis.endFollowing = () => { ends = true; return longest; };
})()`;
