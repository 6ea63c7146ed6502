/** The events of logs by columns, as the page of a timeline takes them, and their numbers. Pure. */
import type { EventlogEntry, JobKey } from '../../engine/protocol.ts';
import type { MarkKind, TimelineMarks, TimelineReplay } from '../../webview/timeline-view.ts';
import { eventWords } from '../jobs/event-node.ts';
import { plainLine } from '../text/plain-text.ts';
import { JobReplay } from './replay.ts';

/** What is taken of each log is kept: of one that grows only what is new is looked at. */
export class MarkColumns {
  readonly #logs = new Map<JobKey, Columns>();

  of(key: JobKey, entries: readonly EventlogEntry[]): TimelineMarks & { readonly series: ReadonlyMap<string, Points> } {
    let columns = this.#logs.get(key);
    if (!columns || columns.taken > entries.length) {
      columns = {
        taken: 0,
        times: [],
        kinds: '',
        words: [],
        series: new Map(),
        isSorted: true,
        replay: new JobReplay(),
      };
      this.#logs.set(key, columns);
    }
    for (; columns.taken < entries.length; columns.taken++) take(columns, entries[columns.taken]);
    if (!columns.isSorted) sort(columns);
    const { times, kinds, words, series } = columns;
    return { times, kinds, words, series };
  }

  /** What was taken so far, to be gone through; `undefined`: nothing. */
  replay(key: JobKey): TimelineReplay | undefined {
    return this.#logs.get(key)?.replay.told(key);
  }
}

export interface Points {
  readonly times: number[];
  readonly values: number[];
}

interface Columns {
  taken: number;
  times: number[];
  kinds: string;
  words: string[];
  readonly series: Map<string, Points>;
  isSorted: boolean;
  readonly replay: JobReplay;
}

function take(columns: Columns, entry: EventlogEntry | undefined): void {
  if (!entry) return;
  const { timestamp, name, context = {} } = entry;
  const problem = columns.replay.take(entry);
  if (name === 'metric') {
    const value = Number(context.value);
    const series = plainLine(String(context.name), 80);
    if (!Number.isFinite(value)) return;
    const points = columns.series.get(series) ?? { times: [], values: [] };
    columns.series.set(series, points);
    points.times.push(timestamp);
    points.values.push(value);
    return;
  }
  columns.isSorted &&= timestamp >= (columns.times.at(-1) ?? 0);
  columns.times.push(timestamp);
  columns.kinds += problem === undefined ? markKind(entry) : 'w';
  columns.words.push(problem === undefined ? eventWords(entry) : `${eventWords(entry)} (${plainLine(problem, 120)})`);
}

/** The scheduler's clock and ours are two: what it tells may come a little late. */
function sort(columns: Columns): void {
  const order = columns.times
    .map((_, index) => index)
    .sort((a, b) => (columns.times[a] ?? 0) - (columns.times[b] ?? 0));
  columns.times = order.map((index) => columns.times[index] ?? 0);
  const { kinds } = columns;
  columns.kinds = order.map((index) => kinds[index]).join('');
  columns.words = order.map((index) => columns.words[index] ?? '');
  columns.isSorted = true;
}

const kindOfEvent: { readonly [name: string]: MarkKind } = {
  'watcher.match': 'm',
  'watcher.action': 'a',
  'watcher.result': 'a',
  'watcher.state': 'n',
  'output.lost': 'f',
  'connection.lost': 'c',
  'connection.restored': 'c',
  log: 'n',
  memo: 'n',
  urgency: 'n',
};

function markKind({ name, context }: EventlogEntry): MarkKind {
  if (name === 'watcher.result' && context?.ok === false) return 'f';
  if (name === 'exception') return context?.severity === 0 ? 'f' : 'n';
  return (Object.hasOwn(kindOfEvent, name) ? kindOfEvent[name] : undefined) ?? 's';
}
