/**
 * A timeline of 100,000 events in a browser, moved and zoomed by real wheel and key events: its page as VS Code loads it, beside the
 * drawing that suggests itself (an SVG element an event, moved by one transform) and, where VIS_TIMELINE names the folder of that
 * package, beside vis-timeline. Needs `npm run build`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { pageHtml } from '../client/pages/page-html.ts';
import { MarkColumns } from '../client/timeline/mark-columns.ts';
import { timelineView } from '../client/timeline/timeline-view.ts';
import type { TimelineView } from '../webview/timeline-view.ts';
import { type Figure, percentile, report } from './lib/figures.ts';
import { type Frames, framesOf, openBrowser, type Served, withPage } from './lib/frames.ts';
import { timelineEntry, timelineJob, timelineStart } from './lib/timeline-log.ts';

const events = 100_000;
const seconds = 12;
const root = join(import.meta.dirname, '..');

/** Each sixth entry is a number, not an event. */
function viewOfEvents(): TimelineView {
  const log = Array.from({ length: events * 1.2 }, (_, index) => timelineEntry(index));
  const now = timelineStart + log.length / 10;
  return timelineView(
    {
      keys: [timelineJob.key],
      jobs: new Map([[timelineJob.key, timelineJob]]),
      eventlogs: new Map([[timelineJob.key, log]]),
      usages: new Map(),
      now,
    },
    new MarkColumns(),
  );
}

const script = (body: string | Buffer) => ({ type: 'text/javascript', body });
const document = (body: string) => ({ type: 'text/html; charset=utf-8', body });

const vigil: Served = new Map([
  ['/', document(pageHtml({ title: 'Vigil', script: '/page.js', nonce: 'bench', language: 'en', translations: {} }))],
  ['/page.js', script(readFileSync(join(root, 'dist', 'timeline-page.js')))],
]);

async function showInVigil(page: Page, view: TimelineView): Promise<void> {
  await page.evaluate((shown) => (globalThis as unknown as Receiver).postMessage(shown), view);
  await page.waitForFunction('document.querySelector("canvas")?.height > 150');
  await page.locator('canvas').focus();
}
interface Receiver {
  postMessage(message: unknown): void;
}

/** Generous to this way: nothing but one attribute changes with a frame. */
const naive: Served = new Map([
  [
    '/',
    document(
      '<!DOCTYPE html><svg id="all" width="1200" height="300" tabindex="0"><g></g></svg><script src="/page.js"></script>',
    ),
  ],
  [
    '/page.js',
    script(`
      let [from, span, whole] = [0, 1, 1];
      const group = document.querySelector('g');
      const redraw = () => requestAnimationFrame(() =>
        group.setAttribute('transform', 'scale(' + 1200 / span + ' 1) translate(' + -from + ' 0)'));
      addEventListener('message', ({ data: { times, words } }) => {
        whole = span = times.at(-1) - times[0];
        times.forEach((time, index) => {
          const mark = document.createElementNS('http://www.w3.org/2000/svg', 'path');
          const x = time - times[0];
          mark.setAttribute('d', 'M' + (x - 1) + ',100h2l-1,8z');
          const title = document.createElementNS('http://www.w3.org/2000/svg', 'title');
          title.textContent = words[index];
          mark.append(title);
          group.append(mark);
        });
        redraw();
        document.title = 'shown';
      });
      const move = (part) => { from = Math.max(0, Math.min(whole - span, from + span * part)); redraw(); };
      addEventListener('keydown', ({ key }) => { if (key.startsWith('Arrow')) move(key === 'ArrowLeft' ? -0.1 : 0.1); });
      addEventListener('wheel', (event) => {
        event.preventDefault();
        if (!event.ctrlKey) return move(event.deltaX / 1200);
        const at = from + (event.offsetX / 1200) * span;
        span = Math.min(whole, span * (event.deltaY > 0 ? 1.2 : 1 / 1.2));
        from = Math.max(0, Math.min(whole - span, at - (event.offsetX / 1200) * span));
        redraw();
      }, { passive: false });
    `),
  ],
]);

async function showMarks(page: Page, { rows }: TimelineView): Promise<void> {
  await page.evaluate((marks) => (globalThis as unknown as Receiver).postMessage(marks), rows[0]?.marks);
  await page.waitForFunction('document.title === "shown"');
}

/** As its examples have it, without the packing of items above each other, which it cannot do with so many. */
function visTimeline(folder: string): Served {
  const name = 'vis-timeline-graph2d.min';
  return new Map([
    [
      '/',
      document(
        '<!DOCTYPE html><link rel="stylesheet" href="/style.css"><div id="all"></div><script src="/vis.js"></script><script src="/page.js"></script>',
      ),
    ],
    ['/vis.js', script(readFileSync(join(folder, 'standalone', 'umd', `${name}.js`)))],
    ['/style.css', { type: 'text/css', body: readFileSync(join(folder, 'styles', `${name}.css`)) }],
    [
      '/page.js',
      script(`
        addEventListener('message', ({ data: { times, words } }) => {
          const items = new vis.DataSet(times.map((time, id) =>
            ({ id, start: time * 1000, type: 'point', content: '', title: words[id] })));
          const timeline = new vis.Timeline(document.getElementById('all'), items,
            { stack: false, height: 300, zoomKey: 'ctrlKey', horizontalScroll: true, onInitialDrawComplete: () => { document.title = 'shown'; } });
          addEventListener('keydown', ({ key }) => {
            if (!key.startsWith('Arrow')) return;
            const { start, end } = timeline.getWindow();
            const by = (key === 'ArrowLeft' ? -0.1 : 0.1) * (end - start);
            timeline.setWindow(+start + by, +end + by, { animation: false });
          });
        });
      `),
    ],
  ]);
}

const empty: Served = new Map([['/', document('<!DOCTYPE html><p>nothing')]]);

async function measure(): Promise<Figure[]> {
  const view = viewOfEvents();
  const browser = await openBrowser();
  try {
    const floor = await withPage(browser, empty, (page) => framesOf(page, seconds / 2));
    const ours = await shown(browser, vigil, (page) => showInVigil(page, view));
    const peers = new Map([['an SVG element an event', await shown(browser, naive, (page) => showMarks(page, view))]]);
    const { VIS_TIMELINE } = process.env;
    if (VIS_TIMELINE) {
      peers.set('vis-timeline', await shown(browser, visTimeline(VIS_TIMELINE), (page) => showMarks(page, view)));
    }
    return figuresOf(ours, floor, peers);
  } finally {
    await browser.close();
  }
}

interface Shown extends Frames {
  /** Until all was drawn for the first time. */
  readonly firstMs: number;
}

function shown(browser: Browser, served: Served, show: (page: Page) => Promise<void>): Promise<Shown> {
  return withPage(browser, served, async (page) => {
    const began = performance.now();
    await show(page);
    const firstMs = performance.now() - began;
    return { firstMs, ...(await framesOf(page, seconds)) };
  });
}

/** A frame of a display of 60 Hz, with what the browser rounds off. */
const frameMs = 16.8;

function figuresOf(ours: Shown, floor: Frames, peers: ReadonlyMap<string, Shown>): Figure[] {
  const parts = [0.5, 0.95, 0.99] as const;
  const longTasks = ({ longTasksMs }: Frames) => longTasksMs.reduce((sum, one) => sum + one, 0);
  const against = (peer?: { readonly name: string; readonly value: number }) => (peer ? { peer } : {});
  const lines = (name: string | undefined, of: Shown | undefined): Figure[] => [
    ...parts.map((part) => ({
      what: `from frame to frame, p${part * 100}`,
      value: percentile(ours.deltasMs, part),
      unit: 'ms',
      ...against(name && of ? { name, value: percentile(of.deltasMs, part) } : undefined),
      ...(part === 0.95 && !of ? { bar: { most: frameMs } } : {}),
    })),
    {
      what: `tasks of more than 50 ms, in sum of ${seconds} s`,
      value: longTasks(ours),
      unit: 'ms',
      ...against(name && of ? { name, value: longTasks(of) } : undefined),
    },
    {
      what: 'sent and drawn for the first time',
      value: ours.firstMs,
      unit: 'ms',
      ...against(name && of ? { name, value: of.firstMs } : undefined),
    },
  ];
  return [
    { what: 'the same on an empty page, p95', value: percentile(floor.deltasMs, 0.95), unit: 'ms' },
    { what: 'frames that were measured', value: ours.deltasMs.length, unit: 'count' },
    ...lines(undefined, undefined),
    ...[...peers].flatMap(([name, peer]) => lines(name, peer)),
  ];
}

report(`a timeline of ${events.toLocaleString('en')} events in Chromium`, await measure());
