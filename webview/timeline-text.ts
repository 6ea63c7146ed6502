/** A timeline as text: for who cannot see the drawing, and for export. Pure. */
import * as l10n from '../language/text/l10n.ts';
import { rangeOf, shortNumber } from './time-scale.ts';
import { durationsOf } from './timeline-tree.ts';
import { type MarkKind, markKinds, markWords, type TimelineView } from './timeline-view.ts';

/** So many events that do not fit are told in full. */
const mostWarnings = 20;

/** A row in sentences: its states, its events by kinds, its numbers. `time`: writes a time as people read it. */
export function rowText(view: TimelineView, index: number, time: (seconds: number) => string): readonly string[] {
  const row = view.rows[index];
  if (!row) return [];
  const spans = row.spans.map(({ words, from, to }) =>
    to === null
      ? l10n.t('{0} from {1} until now', words, time(from))
      : l10n.t('{0} from {1} to {2}', words, time(from), time(to)),
  );
  const durations = durationsOf(view, row);
  const counts = new Map<MarkKind, number>();
  for (const kind of row.marks.kinds as Iterable<MarkKind>) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const events = [...counts].map(([kind, count]) => `${count} × ${markWords[kind]}`);
  const warnings = row.marks.words.filter((_, place) => row.marks.kinds[place] === 'w').slice(0, mostWarnings);
  const series = view.series
    .filter((one) => one.row === index)
    .map(({ name, values }) => {
      const range = rangeOf(values);
      if (!range) return l10n.t('{0}: no numbers', name);
      return l10n.t(
        '{0}: {1} values from {2} to {3}, last {4}',
        name,
        values.length,
        shortNumber(range[0]),
        shortNumber(range[1]),
        shortNumber(values.at(-1) ?? Number.NaN),
      );
    });
  return [
    ...spans,
    ...(durations.length > 0 ? [l10n.t('durations: {0}', durations.join('; '))] : []),
    ...(events.length > 0 ? [l10n.t('events: {0}', events.join(', '))] : []),
    ...warnings.map((one) => l10n.t('warning: {0}', one)),
    ...series,
  ];
}

/** All that is in it: a line a state, an event and a number. */
export function timelineCsv(view: TimelineView): string {
  const lines = [['job', 'what', 'from', 'to', 'text', 'value'].join(',')];
  const add = (...cells: readonly (string | number | null)[]) => lines.push(cells.map(csvCell).join(','));
  for (const { label, spans, marks } of view.rows) {
    for (const { words, from, to } of spans)
      add(label, 'state', isoTime(from), to === null ? '' : isoTime(to), words, '');
    marks.times.forEach((time, index) => {
      add(label, markKinds[marks.kinds[index] as MarkKind], isoTime(time), '', marks.words[index] ?? '', '');
    });
  }
  for (const { name, row, times, values } of view.series) {
    times.forEach((time, index) => {
      add(view.rows[row]?.label ?? '', 'number', isoTime(time), '', name, values[index] ?? '');
    });
  }
  return `${lines.join('\n')}\n`;
}

function isoTime(seconds: number): string {
  return new Date(Math.round(seconds * 1000)).toISOString();
}

/** RFC 4180. A text that a spreadsheet would take for a formula is made a text. */
function csvCell(value: string | number | null): string {
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value ?? '') ? `'${value}` : (value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The same as data. */
export function timelineJson(view: TimelineView): string {
  const rows = view.rows.map(({ marks, ...row }) => ({
    ...row,
    events: marks.times.map((time, index) => ({
      time,
      kind: markKinds[marks.kinds[index] as MarkKind],
      text: marks.words[index],
    })),
  }));
  return `${JSON.stringify({ ...view, rows }, null, 1)}\n`;
}
