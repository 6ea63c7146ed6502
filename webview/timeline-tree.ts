/** The rows of a timeline as a tree: where jobs run → job → its tasks, steps and phases, with how long each took and what lies between. Pure. */
import * as l10n from '../language/text/l10n.ts';
import { durationWords } from './time-scale.ts';
import { firstAt } from './timeline-place.ts';
import type { TimelineMarks, TimelineRow, TimelineSpan, TimelineView } from './timeline-view.ts';

const noMarks: TimelineMarks = { times: [], kinds: '', words: [] };

/** Whether a row is open that nobody has opened or closed: the phases of jobs are not. */
const opensByItself = (key: string) => key.startsWith(hostPrefix);
const hostPrefix = 'host ';

/**
 * The view with a row for each place where jobs run, if there is a choice of jobs, and for the phases of each job, without those below a
 * row that is closed. `toggled`: keys of the rows that were opened or closed by a person.
 */
export function treeView(view: TimelineView, toggled: ReadonlySet<string>): TimelineView {
  const isOpen = (key: string) => opensByItself(key) !== toggled.has(key);
  const rows: TimelineRow[] = [];
  const places: number[] = [];
  let [host, shown, jobShown] = [undefined as string | undefined, true, true];
  view.rows.forEach((row, index) => {
    if (!row.isPart && row.host !== undefined && row.host !== host) {
      host = row.host;
      shown = isOpen(hostPrefix + host);
      rows.push({ ...hostRow(view, host), isOpen: shown });
    }
    const base = host === undefined ? 0 : 1;
    if (!row.isPart) jobShown = shown;
    if (!jobShown) {
      places[index] = -1;
      return;
    }
    places[index] = rows.length;
    const phases = row.spans.length > 0 && !isStep(row) ? phasesOf(row, base + (row.isPart ? 2 : 1), view.now) : [];
    const open = phases.length > 0 && isOpen(row.key);
    rows.push({ ...row, depth: base + (row.isPart ? 1 : 0), ...(phases.length > 0 ? { isOpen: open } : {}) });
    if (open) rows.push(...phases);
  });
  const placed = rows.map(({ resubmitOf, ...row }): TimelineRow => {
    const before = resubmitOf === undefined ? -1 : (places[resubmitOf] ?? -1);
    return before < 0 ? row : { ...row, resubmitOf: before };
  });
  return { ...view, rows: placed, series: view.series.map((one) => ({ ...one, row: places[one.row] ?? -1 })) };
}

const isStep = ({ spans }: TimelineRow) => spans[0]?.kind === 'step';

/** What runs there, one after another or at the same time. */
function hostRow(view: TimelineView, host: string): TimelineRow {
  const jobs = jobsOn(view, host);
  const spans = busySpans(jobs, view.now);
  const busy = spans.reduce((sum, { from, to }) => sum + (to ?? view.now) - from, 0);
  const count = jobs.length === 1 ? l10n.t('1 job') : l10n.t('{0} jobs', jobs.length);
  const state =
    spans.length === 0 ? l10n.t('{0}, none has run', count) : l10n.t('{0}, busy {1}', count, durationWords(busy));
  return { key: hostPrefix + host, label: host, state, isPart: false, depth: 0, spans, marks: noMarks };
}

const jobsOn = ({ rows }: TimelineView, host: string) => rows.filter((row) => row.host === host && !row.isPart);

const runs = ({ kind }: TimelineSpan) => kind === 'runs' || kind.startsWith('ran-');

/** The times in which at least one of the jobs runs. */
function busySpans(jobs: readonly TimelineRow[], now: number): readonly TimelineSpan[] {
  const found: TimelineSpan[] = [];
  const all = jobs.flatMap(({ spans }) => spans.filter(runs)).sort((a, b) => a.from - b.from);
  for (const { from, to } of all) {
    const last = found.at(-1);
    if (last && from <= (last.to ?? now)) {
      const end = last.to === null || to === null ? null : Math.max(last.to, to);
      found[found.length - 1] = { ...last, to: end };
    } else found.push({ kind: 'runs', from, to, words: l10n.t('busy') });
  }
  return found;
}

/** Each with the events of its time. */
function phasesOf({ key, spans, marks }: TimelineRow, depth: number, now: number): readonly TimelineRow[] {
  return spans.map((span, index) => {
    const [from, to] = [
      firstAt(marks.times, span.from),
      span.to === null || index === spans.length - 1 ? marks.times.length : firstAt(marks.times, span.to),
    ];
    const { words } = span;
    const duration = durationWords((span.to ?? now) - span.from);
    const events = to - from === 1 ? l10n.t('1 event') : l10n.t('{0} events', to - from);
    return {
      key: `${key} phase ${index}`,
      label: words,
      state: `${span.to === null ? l10n.t('{0} until now', duration) : duration}, ${events}`,
      isPart: true,
      depth,
      spans: [span],
      marks: {
        times: marks.times.slice(from, to),
        kinds: marks.kinds.slice(from, to),
        words: marks.words.slice(from, to),
      },
    };
  });
}

/** Shorter ones are how schedulers write times, in whole seconds. */
const leastGap = 1;

/** How long its phases took, and the gaps: in its own log, and after the job that it was resubmitted from. */
export function durationsOf(view: TimelineView, row: TimelineRow): readonly string[] {
  const { now, rows } = view;
  const phases = row.spans.map(({ words, from, to }) => `${words} ${durationWords((to ?? now) - from)}`);
  const gaps = row.spans.flatMap(({ from }, index) => {
    const before = row.spans[index - 1]?.to;
    return typeof before === 'number' && from - before >= leastGap
      ? [l10n.t('gap of {0}', durationWords(from - before))]
      : [];
  });
  const origin = row.resubmitOf === undefined ? undefined : rows[row.resubmitOf];
  const [start, end] = [row.spans[0]?.from, origin?.spans.at(-1)?.to];
  const after =
    origin && start !== undefined && typeof end === 'number'
      ? [l10n.t('resubmitted {0} after the end of {1}', durationWords(start - end), origin.label)]
      : [];
  return [...phases, ...gaps, ...after];
}

/** Places where jobs run, each with its jobs; one without a name where there is no choice of jobs. */
export function hostsOf(
  view: TimelineView,
): readonly { readonly host?: TimelineRow; readonly rows: readonly number[] }[] {
  const found: { host?: TimelineRow; rows: number[] }[] = [];
  let current: string | undefined;
  view.rows.forEach((row, index) => {
    if (found.length === 0 || (!row.isPart && row.host !== current)) {
      current = row.host;
      found.push({ ...(current === undefined ? {} : { host: hostRow(view, current) }), rows: [] });
    }
    found.at(-1)?.rows.push(index);
  });
  return found;
}
