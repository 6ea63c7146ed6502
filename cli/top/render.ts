/** `vigil top` as lines of a screen. Pure. */
import type { EventlogEntry, JobInfo, Timestamp } from '../../engine/protocol.ts';
import { age, printable } from '../table.ts';
import { isActive, shownJobs, type TopModel } from './model.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Lines of the jobs page that are no jobs: counts, clusters, head, and the last one. */
const otherLines = 4;

/** How many jobs there is room for. */
export function jobRows({ rows }: Size): number {
  return Math.max(1, rows - otherLines);
}

export function render(model: TopModel, size: Size, now: Timestamp, isColored: boolean): readonly string[] {
  const look = isColored ? coloured : plain;
  const body = model.page === 'help' ? help : model.page === 'job' ? jobPage(model, size, now) : undefined;
  const last = look('inverse', fill(lastLine(model), size.columns));
  const lines = body ? body.map((line) => cut(line, size.columns)) : jobsPage(model, size, now, look);
  const room = Math.max(0, size.rows - 1);
  const shown = lines.slice(0, room);
  return [...shown, ...Array.from({ length: room - shown.length }, () => ''), last];
}

type Look = (style: 'bold' | 'inverse' | JobInfo['state'], text: string) => string;

const codes: { readonly [style: string]: string } = {
  bold: '1',
  inverse: '7',
  running: '32',
  completing: '32',
  pending: '33',
  suspended: '33',
  completed: '2',
  cancelled: '2',
};
const plain: Look = (_, text) => text;
/** States without a code of their own are failures: red. */
const coloured: Look = (style, text) => `\u001b[${codes[style] ?? '31'}m${text}\u001b[0m`;

function jobsPage(model: TopModel, size: Size, now: Timestamp, look: Look): readonly string[] {
  const jobs = shownJobs(model, now);
  const count = (test: (job: JobInfo) => boolean) => jobs.filter(test).length;
  const running = count((job) => isActive(job) && job.state !== 'pending');
  const counts = `vigil top   ${running} running, ${count((job) => job.state === 'pending')} pending, ${count((job) => !isActive(job))} ended`;
  const clusters = [...model.clusters.values()]
    .filter(({ name }) => model.cluster === undefined || name === model.cluster)
    .filter(({ name, state }) => state === 'connected' || jobs.some((job) => job.cluster === name))
    .map(
      ({ name, state, stale }) =>
        `${printable(name)} ${stale ? `${state}, told ${stale.asOf === undefined ? 'nothing yet' : `${age(stale.asOf, now)} ago`}` : state}`,
    );
  const head = ['JOB', 'NAME', 'STATE', 'TIME', 'NODES(REASON)', 'WATCHERS(TRIGGERS)'];
  const rows = jobs.map((job) => cells(job, now));
  const widths = head.map((title, column) =>
    Math.min(widest(column), Math.max(title.length, ...rows.map((row) => width(row[column] ?? '')))),
  );
  const text = (row: readonly string[]) =>
    cut(row.map((cell, column) => fill(cell, widths[column] ?? 0)).join('  '), size.columns);
  const room = jobRows(size);
  const selected = Math.max(
    0,
    jobs.findIndex((job) => job.key === model.selected),
  );
  const first = Math.max(0, Math.min(selected - Math.floor(room / 2), jobs.length - room));
  const shown = jobs.slice(first, first + room).map((job, index) => {
    const line = text(rows[first + index] ?? []);
    return first + index === selected ? look('inverse', fill(line, size.columns)) : look(job.state, line);
  });
  const none =
    jobs.length === 0
      ? ['', cut(model.filter === '' ? 'No jobs. "vigil submit SCRIPT" submits one.' : 'No job matches.', size.columns)]
      : [];
  return [
    look('bold', cut(counts, size.columns)),
    cut(clusters.join(' · '), size.columns),
    look('bold', text(head)),
    ...shown,
    ...none,
  ];
}

const widest = (column: number): number => [32, 24, 14, 16, 28, 60][column] ?? 20;

function cells(job: JobInfo, now: Timestamp): readonly string[] {
  const watchers = job.watchers.map(({ name, triggerCount }) => `${name}:${triggerCount}`).join(' ');
  return [job.key, job.name, job.state, times(job, now), job.reason ?? job.nodes ?? '', watchers].map(printable);
}

function times({ started, ended, submitted, timeLimitSeconds }: JobInfo, now: Timestamp): string {
  if (started === undefined) return `waits ${age(submitted, ended ?? now)}`;
  const used = age(started, ended ?? now);
  return ended === undefined && timeLimitSeconds !== undefined ? `${used} / ${age(now - timeLimitSeconds, now)}` : used;
}

function jobPage(model: TopModel, size: Size, now: Timestamp): readonly string[] {
  const job = model.selected === undefined ? undefined : model.jobs.get(model.selected);
  if (!job) return ['The job is not known any more.'];
  const head = [
    `${printable(job.key)}  ${printable(job.name)}  ${job.state}${job.reason === undefined ? '' : ` (${printable(job.reason)})`}  ${times(job, now)}`,
    ...job.watchers.map(({ name, state, matchCount, triggerCount, reason }) => {
      const why = reason === undefined ? '' : ` (${printable(reason)})`;
      return `  ${printable(name)}: ${state}${why}, ${matchCount} matches, ${triggerCount} triggers`;
    }),
    '',
  ];
  const room = Math.max(0, size.rows - 1 - head.length);
  return [...head, ...model.events.slice(-room).map((entry) => eventLine(entry))];
}

function eventLine({ timestamp, name, context }: EventlogEntry): string {
  const time = new Date(timestamp * 1000).toLocaleTimeString('sv-SE');
  const words = Object.entries(context ?? {}).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return printable(`${time} ${name} ${words.join(' ')}`);
}

const help = [
  'Keys of vigil top',
  '',
  '  up, down, k, j     another job             PgUp, PgDn, g, G  far up and down',
  '  Enter              its watchers and events, live; again: back',
  '  c                  cancel it, after a question',
  '  /                  only jobs with this text; Esc: all again',
  '  a                  also jobs that ended more than a day ago, or not',
  '  q, Ctrl+C          leave',
  '',
  'Any key goes back.',
];

function lastLine(model: TopModel): string {
  if (model.asked !== undefined) return `Cancel ${printable(model.asked)}? y: yes, any other key: no`;
  if (model.isTyping) return `/${printable(model.filter)}_   Enter: keep, Esc: all`;
  if (model.message !== undefined) return printable(model.message);
  if (model.page === 'job') return 'Enter: back   c: cancel   q: back';
  const filter = model.filter === '' ? '' : `   only "${printable(model.filter)}" (Esc: all)`;
  return `Enter: events   c: cancel   /: filter   a: ${model.showsAll ? 'fewer' : 'all'}   ?: help   q: quit${filter}`;
}

/** Columns that a terminal needs for it: East Asian wide characters and emoji take two. */
function width(text: string): number {
  let sum = 0;
  for (const character of text) sum += isWide(character.codePointAt(0) ?? 0) ? 2 : 1;
  return sum;
}

function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  );
}

function cut(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let used = 0;
  let kept = '';
  for (const character of text) {
    used += width(character);
    if (used > columns - 1) break;
    kept += character;
  }
  return columns > 0 ? `${kept}…` : '';
}

function fill(text: string, columns: number): string {
  const short = cut(text, columns);
  return short + ' '.repeat(Math.max(0, columns - width(short)));
}
