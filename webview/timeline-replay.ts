/** How a job was at a time that the slider stands at, in words. Pure. */
import * as l10n from '../language/text/l10n.ts';
import { shortNumber } from './time-scale.ts';
import { firstAfter } from './timeline-place.ts';
import { type MarkKind, markWords, type TimelineRow, type TimelineView } from './timeline-view.ts';

export interface Moment {
  readonly time: number;
  /** The event that the slider stands at, and whether it is no valid transition. */
  readonly event: string;
  readonly isWarning: boolean;
  readonly facts: readonly (readonly [name: string, value: string])[];
}

/** The row whose events the slider goes through. */
export function replayedRow({ rows, replay }: TimelineView): TimelineRow | undefined {
  return replay && rows.find(({ key }) => key === replay.key);
}

/** The job at its event `index`; `undefined`: there is no such event. */
export function momentAt(view: TimelineView, index: number): Moment | undefined {
  const row = replayedRow(view);
  const time = row?.marks.times[index];
  if (!view.replay || !row || time === undefined) return undefined;
  const { states, captures } = view.replay;
  const state =
    states[
      firstAfter(
        states.map((one) => one.time),
        time,
      ) - 1
    ] ?? states[0];
  const kind = row.marks.kinds[index] as MarkKind;
  const known = new Map<string, string>();
  for (const capture of captures) {
    if (capture.time > time) break;
    known.set(capture.name, capture.value);
  }
  const rowIndex = view.rows.indexOf(row);
  const numbers = view.series.flatMap(({ name, row: owner, times, values }): readonly [string, string][] => {
    const value = owner === rowIndex ? values[firstAfter(times, time) - 1] : undefined;
    return value === undefined ? [] : [[l10n.t('number {0}', name), shortNumber(value)]];
  });
  const warnings = [...row.marks.kinds.slice(0, index + 1)].filter((one) => one === 'w').length;
  return {
    time,
    event: `${markWords[kind]}: ${row.marks.words[index] ?? ''}`,
    isWarning: kind === 'w',
    facts: [
      [l10n.t('State'), state?.state ?? l10n.t('not known')],
      ...(state?.reason ? [[l10n.t('Reason'), state.reason] as const] : []),
      ...elapsed(state, time),
      ...[...known].map(([name, value]) => [l10n.t('capture {0}', name), value] as const),
      ...numbers,
      ...(warnings > 0 ? [[l10n.t('Warnings until then'), `${warnings} × ${markWords.w}`] as const] : []),
    ],
  };
}

function elapsed(
  state: { readonly started?: number; readonly ended?: number } | undefined,
  time: number,
): readonly (readonly [string, string])[] {
  if (state?.started === undefined) return [];
  return [[l10n.t('Elapsed'), clockOf(Math.max(0, Math.min(state.ended ?? time, time) - state.started))]];
}

/** `1:02:03 h`, `7.4 s`. */
function clockOf(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const whole = Math.floor(seconds);
  const rest = `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return whole >= 60 ? `${Math.floor(whole / 3600)}:${rest} h` : `${seconds.toFixed(1)} s`;
}
