/** The page of a timeline: a canvas, all of it in words below, and what keys and the mouse do. */

import './translate.ts';

import * as l10n from '../language/text/l10n.ts';
import { host, html } from './dom.ts';
import { css, forgetPalette, palette } from './palette.ts';
import { drawScene, type Scene, sceneSvg } from './scene.ts';
import { moved, type TimeWindow, zoomed } from './time-scale.ts';
import { timeTravel } from './time-travel.ts';
import { layoutTimeline, nearestMark, rowAt, wholeWindow } from './timeline-layout.ts';
import { geometry, type TimelinePlace, timeOf } from './timeline-place.ts';
import { timelineCsv, timelineJson } from './timeline-text.ts';
import { durationsOf, treeView } from './timeline-tree.ts';
import { type ExportFormat, type MarkKind, markWords, type TimelineView } from './timeline-view.ts';
import { textOf } from './timeline-words.ts';

const heading = html('h1');
const canvas = html('canvas', { tabindex: 0, role: 'application', 'aria-describedby': 'timeline-help' });
const frame = html('div', { class: 'timeline' }, canvas);
const told = html('p', { class: 'told', role: 'status' });
const usage = html('div', { class: 'usage' });
const words = html('details', { class: 'text' }, html('summary', {}, l10n.t('As text')));
const list = html('div');
words.append(list);
const help = html(
  'p',
  { class: 'status', id: 'timeline-help' },
  l10n.t(
    'Arrows: move, and choose a row. Enter: opens and closes it. + and −: zoom. 0: all. N and P: next and previous event. Ctrl and wheel: zoom.',
  ),
);
const legend = html(
  'p',
  { class: 'status' },
  l10n.t('Bars: runs, or how it ended; thin: waits, gets its nodes ready, is cleaned up. Signs: '),
  l10n.t('▼ match  ◆ action  ✕ failure  ■ message or note  ▲ connection  | state of the job  ! no valid transition.'),
);
const formats: readonly ExportFormat[] = ['png', 'svg', 'csv', 'json'];
const buttons = html('div', { class: 'buttons' });
for (const format of formats) {
  const button = html('button', { class: 'secondary' }, l10n.t('Export {0}', format.toUpperCase()));
  button.addEventListener('click', () => exportAs(format));
  buttons.append(button);
}
const clock = (seconds: number) => new Date(seconds * 1000).toLocaleString();
/** Where the slider stands. */
let cursor: number | undefined;
const travel = timeTravel(clock, (time) => {
  cursor = time;
  if (time !== undefined) bringIntoView(time);
  draw();
});
document.querySelector('main')?.append(heading, frame, told, travel.element, legend, help, usage, buttons, words);

/** As it was sent. */
let sent: TimelineView | undefined;
/** What is drawn of it: without what is below rows that are closed. */
let view: TimelineView | undefined;
/** Rows that were opened or closed here, by their keys. */
const toggled = new Set<string>();
/** `undefined`: all of it, also when it grows. */
let zoom: TimeWindow | undefined;
let chosen = 0;
/** The event that N and P have come to. */
let mark: number | undefined;
let isDrawn = true;

const whole = (): TimeWindow => (view ? wholeWindow(view) : { from: 0, to: 1 });

function place(): TimelinePlace {
  const offsetSeconds = -new Date(whole().from * 1000).getTimezoneOffset() * 60;
  return {
    window: zoom ?? whole(),
    width: Math.max(480, frame.clientWidth),
    chosen,
    offsetSeconds,
    ...(cursor === undefined ? {} : { cursor }),
  };
}

function scene(): Scene {
  return view ? layoutTimeline(view, place()) : { width: 1, height: 1, shapes: [] };
}

/** Once a frame, however often it is asked for. */
function draw(): void {
  if (!isDrawn) return;
  isDrawn = false;
  requestAnimationFrame(() => {
    isDrawn = true;
    const drawing = scene();
    paint(canvas, drawing, window.devicePixelRatio || 1);
  });
}

function paint(target: HTMLCanvasElement, drawing: Scene, ratio: number): void {
  const [width, height] = [Math.round(drawing.width * ratio), Math.round(drawing.height * ratio)];
  // Setting them makes a new one of it, also when they are the same.
  if (target.width !== width || target.height !== height) {
    [target.width, target.height] = [width, height];
    target.style.width = `${drawing.width}px`;
    target.style.height = `${drawing.height}px`;
  }
  const context = target.getContext('2d', { alpha: false });
  if (!context) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  drawScene(context, drawing, palette(), css('font-family', 'sans-serif'));
}

function show(next: TimelineView): void {
  const key = view?.rows[chosen]?.key;
  sent = next;
  view = treeView(next, toggled);
  // What is chosen stays so where rows come and go above it.
  const same = view.rows.findIndex((row) => row.key === key);
  chosen = same >= 0 ? same : Math.min(chosen, Math.max(0, view.rows.length - 1));
  heading.textContent = next.title;
  canvas.setAttribute(
    'aria-label',
    l10n.t('Timeline of {0}: {1} rows. All of it stands below as text.', next.title, next.rows.length),
  );
  usage.replaceChildren(...next.usage.map(usageBar));
  if (words.open) writeText();
  travel.show(next);
  draw();
}

function usageBar({ label, share, words: text }: TimelineView['usage'][number]): HTMLElement {
  const bar = html('meter', { min: 0, max: 1, value: Math.min(1, share ?? 0), 'aria-label': label });
  return html('p', {}, html('span', { class: 'name' }, label), ...(share === null ? [] : [bar]), ` ${text}`);
}

function writeText(): void {
  if (sent) list.replaceChildren(...textOf(sent, clock));
}
words.addEventListener('toggle', () => {
  if (words.open) writeText();
});

/** Says what is at the keyboard's or the mouse's place. */
function tell(row: number, index: number | undefined): void {
  const one = view?.rows[row];
  if (!one) return;
  const kind = index === undefined ? undefined : (one.marks.kinds[index] as MarkKind);
  told.textContent =
    index === undefined || kind === undefined
      ? [
          `${one.label}: ${one.state}`,
          ...(view ? durationsOf(view, one) : []),
          ...(one.isOpen === undefined ? [] : [one.isOpen ? 'open' : 'closed']),
        ].join(' · ')
      : `${one.label} · ${clock(one.marks.times[index] ?? 0)} · ${markWords[kind]}: ${one.marks.words[index] ?? ''}`;
}

function setZoom(next: TimeWindow): void {
  const all = whole();
  zoom = next.to - next.from >= (all.to - all.from) * 0.999 ? undefined : next;
  draw();
}

function step(direction: 1 | -1): void {
  const marks = view?.rows[chosen]?.marks;
  if (!marks || marks.times.length === 0) return;
  const first = direction === 1 ? 0 : marks.times.length - 1;
  mark = mark === undefined ? first : Math.min(marks.times.length - 1, Math.max(0, mark + direction));
  const time = marks.times[mark] ?? 0;
  bringIntoView(time);
  tell(chosen, mark);
}

function bringIntoView(time: number): void {
  const { window } = place();
  if (time < window.from || time > window.to) setZoom(moved(window, whole(), time - (window.from + window.to) / 2));
}

function choose(row: number): void {
  if (!view) return;
  chosen = Math.min(view.rows.length - 1, Math.max(0, row));
  mark = undefined;
  tell(chosen, undefined);
  draw();
}

/** Shows what is below the chosen row, or no more. */
function toggle(): void {
  const row = view?.rows[chosen];
  if (!sent || row?.isOpen === undefined) return;
  if (!toggled.delete(row.key)) toggled.add(row.key);
  mark = undefined;
  show(sent);
  tell(chosen, undefined);
}

const keys: { readonly [key: string]: () => void } = {
  ArrowLeft: () => setZoom(moved(place().window, whole(), -widthOf(place().window) / 10)),
  ArrowRight: () => setZoom(moved(place().window, whole(), widthOf(place().window) / 10)),
  ArrowUp: () => choose(chosen - 1),
  ArrowDown: () => choose(chosen + 1),
  Home: () => choose(0),
  End: () => choose((view?.rows.length ?? 1) - 1),
  '+': () => zoomBy(0.7),
  '=': () => zoomBy(0.7),
  '-': () => zoomBy(1 / 0.7),
  '0': () => setZoom(whole()),
  Enter: toggle,
  ' ': toggle,
  n: () => step(1),
  p: () => step(-1),
};

const widthOf = ({ from, to }: TimeWindow) => to - from;

/** Around the event that is told of, else the middle. */
function zoomBy(factor: number): void {
  const { window } = place();
  const time = mark === undefined ? undefined : view?.rows[chosen]?.marks.times[mark];
  setZoom(zoomed(window, whole(), factor, time ?? (window.from + window.to) / 2));
}

canvas.addEventListener('keydown', (event) => {
  const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

canvas.addEventListener(
  'wheel',
  (event) => {
    // Without Ctrl the page scrolls.
    if (!event.ctrlKey && event.deltaX === 0) return;
    event.preventDefault();
    const { window } = place();
    if (event.ctrlKey)
      setZoom(zoomed(window, whole(), event.deltaY > 0 ? 1.2 : 1 / 1.2, timeOf(event.offsetX, place())));
    else setZoom(moved(window, whole(), (event.deltaX / frame.clientWidth) * widthOf(window)));
  },
  { passive: false },
);

let dragged: { readonly x: number; readonly window: TimeWindow } | undefined;
canvas.addEventListener('pointerdown', (event) => {
  dragged = { x: event.offsetX, window: place().window };
  const row = view && rowAt(event.offsetY, view);
  if (row === undefined) return;
  choose(row);
  if (event.offsetX < geometry.gutter) toggle();
});
window.addEventListener('pointerup', () => {
  dragged = undefined;
});
canvas.addEventListener('pointermove', (event) => {
  if (!view) return;
  const here = place();
  if (dragged && event.buttons === 1) {
    const start = timeOf(dragged.x, { ...here, window: dragged.window });
    setZoom(moved(dragged.window, whole(), start - timeOf(event.offsetX, { ...here, window: dragged.window })));
    return;
  }
  const row = rowAt(event.offsetY, view);
  const marks = row === undefined ? undefined : view.rows[row]?.marks;
  if (row === undefined || !marks) return;
  const near = nearestMark(marks, timeOf(event.offsetX, here), Math.abs(timeOf(6, here) - timeOf(0, here)));
  canvas.style.cursor = near === undefined ? 'default' : 'pointer';
  tell(row, near);
});

function exportAs(format: ExportFormat): void {
  if (sent) host.postMessage({ kind: 'export', format, data: exported(format, sent) });
}

function exported(format: ExportFormat, current: TimelineView): string {
  switch (format) {
    case 'csv':
      return timelineCsv(current);
    case 'json':
      return timelineJson(current);
    case 'svg':
      return sceneSvg(scene(), palette(), current.title);
    case 'png': {
      const copy = html('canvas');
      paint(copy, scene(), 2);
      return copy.toDataURL('image/png').replace(/^data:[^,]*,/, '');
    }
  }
}

new ResizeObserver(draw).observe(frame);
// The theme: VS Code changes the body's class and the colours of the root element.
const themes = new MutationObserver(() => {
  forgetPalette();
  draw();
});
themes.observe(document.body, { attributes: true });
themes.observe(document.documentElement, { attributes: true });
window.addEventListener('message', ({ data }: MessageEvent<TimelineView>) => show(data));
// What runs grows.
setInterval(() => {
  if (!sent?.isLive || zoom) return;
  sent = { ...sent, now: Date.now() / 1000 };
  view = treeView(sent, toggled);
  draw();
}, 1000);
host.postMessage({ kind: 'ready' });
