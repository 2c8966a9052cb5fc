/**
 * The page in Chromium: how soon it is there on a slow phone, and whether it jerks where there is much: `page.ts [--quick]`.
 * Its peer is a page of plain HTML in the same browser, which shows what the machine itself can do.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, type Browser, type Page } from 'playwright-core';
import { call } from '../test/e2e/client.ts';
import { makeDataDirectory, startProgram } from '../test/e2e/program.ts';
import { chromiumPath, FLAGS, PHONE } from '../test/page/browser.ts';
import { runBench, type BenchRun } from './harness/bench.ts';
import { tracePage, type PageTrace } from './harness/browser-trace.ts';
import { openMadeLibrary, writeStream } from './harness/made-library.ts';
import { atMost, type Measure } from './harness/report.ts';
import { interleave, median } from './harness/rounds.ts';

const FILES = 10_000;
const FILES_QUICK = 1000;
const PARTS = 1000;
const SLOWER = 4;
const MOST_INTERACTIVE = atMost(2000, 'ms');
const MOST_FRAME = atMost(50, 'ms');
const ROW_PX = 68;
/** At sixty frames a second: 300 lines, as a hard flick of the finger. */
const STEP_ROWS = 5;

interface Peers {
  readonly ours: string;
  readonly plain: string;
}

/** When the first line stood there, and when the thread was busy for long the last time. */
const FOLLOW_START = `(() => {
  let lineMs = 0, busyMs = 0;
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) busyMs = Math.max(busyMs, startTime + duration);
  }).observe({ type: 'longtask', buffered: true });
  const observer = new MutationObserver(() => {
    if (document.querySelector('main li, body > ul > li') === null) return;
    lineMs = performance.now();
    observer.disconnect();
  });
  observer.observe(document, { childList: true, subtree: true });
  globalThis.startedMs = () => Math.max(lineMs, busyMs);
})()`;

await runBench('The page', async (run) => {
  if (chromiumPath === null) {
    run.note('no Chromium is on the PATH: nothing was measured');
    return [];
  }
  const count = run.quick ? FILES_QUICK : FILES;
  run.note(`${count} files, a stream of ${PARTS} parts; the peer is plain HTML of as many lines`);
  const origins: Peers = { ours: await startOurs(run, count), plain: await startPlain(run, count) };
  const browser = await chromium.launch({ executablePath: chromiumPath, args: FLAGS });
  run.onEnd(() => browser.close());
  const rounds = run.quick ? 1 : 3;
  return [
    await measureStart(browser, origins, run.quick ? 1 : 5),
    ...(await measureScroll(browser, origins, count, rounds)),
    ...(await measureOrder(browser, origins.ours, rounds)),
  ];
});

async function startOurs(run: BenchRun, count: number): Promise<string> {
  const data = await makeDataDirectory();
  run.onEnd(() => data.remove());
  const library = await openMadeLibrary(data.path);
  const names = await library.add(count, 'story', (number) => ({ title: `Story ${number}` }));
  await library.addParts(names.slice(0, PARTS));
  library.close();
  await writeStream(data.path, 'long', names.slice(0, PARTS));
  const program = await startProgram(data.path, { AUTH: 'off' });
  run.onEnd(async () => void (await program.stop()));
  return program.url;
}

async function startPlain(run: BenchRun, count: number): Promise<string> {
  const lines = Array.from(
    { length: count },
    (_, number) => `<li style="height:${ROW_PX}px">Story ${number}</li>`,
  );
  const html = `<!doctype html><html lang="en"><title>Plain</title><ul>${lines.join('')}</ul></html>`;
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  run.onEnd(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Until the first line stands there and nothing keeps the thread busy any more: a tap is answered at once. */
async function measureStart(browser: Browser, { ours, plain }: Peers, rounds: number): Promise<Measure> {
  const open = (url: string) => async () => {
    const context = await browser.newContext(PHONE);
    const page = await context.newPage();
    await page.addInitScript(FOLLOW_START);
    const session = await context.newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
    await page.goto(url);
    await page.locator('li').first().waitFor();
    await page.waitForLoadState('networkidle');
    const startMs = Number(await page.evaluate('globalThis.startedMs()'));
    await context.close();
    return startMs;
  };
  const ms = await interleave(rounds, { ours: open(`${ours}/library`), plain: open(plain) });
  return {
    name: `first visit, the processor ${SLOWER} times slower: until it can be used`,
    ours: `${median(ms.ours).toFixed(0)} ms`,
    peer: `${median(ms.plain).toFixed(0)} ms`,
    value: median(ms.ours),
    target: MOST_INTERACTIVE,
  };
}

async function measureScroll(browser: Browser, { ours, plain }: Peers, count: number, rounds: number) {
  const traces = await interleave(rounds, {
    files: () => traceScroll(browser, `${ours}/library?sort=name`, count),
    parts: () => traceScroll(browser, `${ours}/streams/long`, PARTS),
    plain: () => traceScroll(browser, plain, count),
  });
  return [
    tell(`${count} files scrolled from end to end`, traces.files, traces.plain),
    tell(`${PARTS} parts scrolled from end to end`, traces.parts, traces.plain),
  ];
}

/** By the wheel, faster than anybody reads. @throws when the last line was not reached */
async function traceScroll(browser: Browser, url: string, count: number): Promise<PageTrace> {
  const page = await openWide(browser, url);
  await page.mouse.move(640, 500);
  const trace = await tracePage(browser, page, async () => {
    const last = page.locator('[aria-posinset]').last();
    const isPlain = (await last.count()) === 0;
    const isAtEnd = async () =>
      isPlain
        ? Boolean(await page.evaluate('scrollY + innerHeight >= document.documentElement.scrollHeight - 10'))
        : Number(await last.getAttribute('aria-posinset')) === count;
    for (let steps = 0; !(await isAtEnd()); steps += 20) {
      if (steps > count) throw new Error(`The last of ${count} lines is not reached.`);
      for (let step = 0; step < 20; step += 1) await page.mouse.wheel(0, STEP_ROWS * ROW_PX);
    }
  });
  await page.context().close();
  return trace;
}

/** By the mouse, past the edge of what is seen, and by the keyboard. @throws when the order is not another one then */
async function measureOrder(browser: Browser, ours: string, rounds: number): Promise<Measure[]> {
  const order = async (): Promise<unknown> => (await call(ours, '/api/streams/long/queue')).body['files'];
  const changes = async (act: (page: Page) => Promise<void>): Promise<PageTrace> => {
    const before = JSON.stringify(await order());
    const page = await openWide(browser, `${ours}/streams/long`);
    const trace = await tracePage(browser, page, async () => {
      await act(page);
      for (let tries = 0; JSON.stringify(await order()) === before; tries += 1) {
        if (tries > 300) throw new Error('The order is the one of before.');
        await page.waitForTimeout(100);
      }
    });
    await page.context().close();
    return trace;
  };
  const traces = await interleave(rounds, { mouse: () => changes(drag), keyboard: () => changes(press) });
  return [
    tell(`one of ${PARTS} parts dragged over the edge`, traces.mouse),
    tell(`one of ${PARTS} parts moved by the keyboard`, traces.keyboard),
  ];
}

async function drag(page: Page): Promise<void> {
  const handle = await page.locator('[data-control=drag]').nth(2).boundingBox();
  if (handle === null) throw new Error('There is nothing to drag.');
  const x = handle.x + handle.width / 2;
  await page.mouse.move(x, handle.y + handle.height / 2);
  await page.mouse.down();
  // There it scrolls by itself.
  await page.mouse.move(x, 790, { steps: 30 });
  await page.waitForTimeout(2_000);
  await page.mouse.move(x, 300, { steps: 30 });
  await page.mouse.up();
}

async function press(page: Page): Promise<void> {
  await page.locator('[data-control=drag]').nth(2).focus();
  await page.keyboard.press('Space');
  for (let step = 0; step < 20; step += 1) {
    await page.keyboard.press('ArrowDown');
    await page.waitForTimeout(50);
  }
  await page.keyboard.press('Space');
}

async function openWide(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(url);
  await page.locator('li').nth(5).waitFor();
  await page.waitForLoadState('networkidle');
  return page;
}

function tell(name: string, traces: readonly PageTrace[], plain?: readonly PageTrace[]): Measure {
  const inWords = (of: readonly PageTrace[]) => {
    const middle = (one: keyof PageTrace) => median(of.map((trace) => trace[one])).toFixed(0);
    return `${middle('longestTaskMs')} ms, ${middle('longestTaskCpuMs')} ms of them at work; ${middle('longestGapMs')} ms between frames`;
  };
  return {
    name: `${name}: the longest frame`,
    ours: inWords(traces),
    ...(plain !== undefined && { peer: inWords(plain) }),
    value: median(traces.map(({ longestTaskMs }) => longestTaskMs)),
    target: MOST_FRAME,
  };
}
