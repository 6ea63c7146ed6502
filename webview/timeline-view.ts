/** What the page of a timeline is sent. All texts are plain: the page shows them as text, never as markup. Times are seconds since the epoch. */

import * as l10n from '../language/text/l10n.ts';

/** What a job does in a stretch of time; `ran-…`: how the run that is over ended. */
export type SpanKind =
  | 'waits'
  | 'prepares'
  | 'runs'
  | 'stopped'
  | 'ends'
  | 'ran-completed'
  | 'ran-failed'
  | 'ran-cancelled'
  | 'step';

export interface TimelineSpan {
  readonly kind: SpanKind;
  readonly from: number;
  /** `null`: it goes on. */
  readonly to: number | null;
  readonly words: string;
}

/** Kinds of events, by the letters that `TimelineMarks.kinds` has. */
export const markKinds = {
  s: 'state of the job',
  m: 'match',
  a: 'action',
  f: 'failure',
  n: 'message or note',
  c: 'connection',
  w: 'no valid transition',
} as const;
export type MarkKind = keyof typeof markKinds;

/** The same for people; what is exported as data keeps the English ones. */
export const markWords: { readonly [kind in MarkKind]: string } = {
  s: l10n.t('state of the job'),
  m: l10n.t('match'),
  a: l10n.t('action'),
  f: l10n.t('failure'),
  n: l10n.t('message or note'),
  c: l10n.t('connection'),
  w: l10n.t('no valid transition'),
};

/** Events by columns, in the order of their times: a log may have 100,000. */
export interface TimelineMarks {
  readonly times: readonly number[];
  /** A letter of `markKinds` each. */
  readonly kinds: string;
  readonly words: readonly string[];
}

export interface TimelineRow {
  readonly key: string;
  readonly label: string;
  /** How it is: `running`, `failed (exit code 3)`. */
  readonly state: string;
  /** Part of the row above. */
  readonly isPart: boolean;
  /** Where a job of a choice of jobs runs: rows of one place stand together. */
  readonly host?: string;
  /** In the tree that the page makes: how far it is indented, and whether what is below it is shown; absent: nothing is. */
  readonly depth?: number;
  readonly isOpen?: boolean;
  /** The row of the job that this one was resubmitted from. */
  readonly resubmitOf?: number;
  readonly spans: readonly TimelineSpan[];
  readonly marks: TimelineMarks;
}

/** Numbers over time, in the order of their times. */
export interface TimelineSeries {
  readonly name: string;
  /** Its job's row. */
  readonly row: number;
  readonly times: readonly number[];
  readonly values: readonly number[];
}

/** What a job used of what it had asked for, from 0 to 1 and above. */
export interface TimelineUsage {
  readonly label: string;
  /** Of CPU time, memory, time limit; `null`: nobody can tell. */
  readonly share: number | null;
  /** `1.2 of 4 GB`. */
  readonly words: string;
}

/** How a job was from `time` on. */
export interface ReplayState {
  readonly time: number;
  /** `waits for nodes`. */
  readonly state: string;
  /** Why; empty: nothing was told. */
  readonly reason: string;
  /** Of the run that goes on or was the last. */
  readonly started?: number;
  readonly ended?: number;
}

/** What a watcher captured at `time`, by its name and that of the capture. */
export interface ReplayCapture {
  readonly time: number;
  readonly name: string;
  readonly value: string;
}

/** What the slider goes through: of one job, in the order of the times. */
export interface TimelineReplay {
  /** Of the row of the job. */
  readonly key: string;
  readonly states: readonly ReplayState[];
  /** Only those that differ from what was captured before. */
  readonly captures: readonly ReplayCapture[];
}

export interface TimelineView {
  readonly title: string;
  /** Something in it goes on: its end is now. */
  readonly isLive: boolean;
  readonly now: number;
  readonly rows: readonly TimelineRow[];
  /** Rows that were left out. */
  readonly leftOut: number;
  readonly series: readonly TimelineSeries[];
  readonly usage: readonly TimelineUsage[];
  /** Where one job is meant that has a log. */
  readonly replay?: TimelineReplay;
}

export type ExportFormat = 'png' | 'svg' | 'csv' | 'json';

export type FromTimelinePage =
  | { readonly kind: 'ready' }
  /** `data`: text; of `png` base64. */
  | { readonly kind: 'export'; readonly format: ExportFormat; readonly data: string };
