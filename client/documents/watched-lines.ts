/** What a job's watchers matched and did, by the eventlog, and which lines of its output these are. Pure. */
import type { EventlogEntry, JsonValue, Timestamp } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import { fieldLine, inlineCode, joinLines } from '../text/markdown.ts';
import { plainLine, stripControls } from '../text/plain-text.ts';
import { fullTime } from '../text/time.ts';

export interface DoneAction {
  readonly name: string;
  readonly params: { readonly [name: string]: JsonValue };
  /** What became of it; absent: nothing yet. */
  readonly result?: { readonly ok: boolean; readonly message: string };
}

/** A line that a watcher matched. */
export interface WatchedLine {
  readonly watcher: string;
  readonly stream: 'stdout' | 'stderr';
  /** Of the output, from 1. */
  readonly number: number;
  /** At most its first 1,000 characters. */
  readonly text: string;
  readonly time: Timestamp;
  readonly captures: { readonly [name: string]: JsonValue };
  readonly condition?: boolean;
  readonly error?: string;
  readonly actions: readonly DoneAction[];
}

/** The last `most` lines that watchers matched, in the order of the log. */
export function watchedLines(log: readonly EventlogEntry[], most: number): readonly WatchedLine[] {
  const results = new Map<string, DoneAction['result']>();
  const lines: { line: Omit<WatchedLine, 'actions'>; actions: DoneAction[] }[] = [];
  const last = new Map<string, DoneAction[]>();
  const context = (entry: EventlogEntry) => entry.context ?? {};
  for (const entry of log) {
    if (entry.name === 'watcher.result') results.set(actionKey(context(entry)), resultOf(context(entry)));
  }
  for (const entry of log) {
    const told = context(entry);
    const watcher = String(told.watcher);
    if (entry.name === 'watcher.match' && typeof told.lineNumber === 'number') {
      const actions: DoneAction[] = [];
      lines.push({ line: lineOf(entry, watcher), actions });
      last.set(watcher, actions);
    } else if (entry.name === 'watcher.action' && told.cause === 'match') {
      const result = results.get(actionKey(told));
      const params = Object(told.params) as DoneAction['params'];
      last.get(watcher)?.push({ name: String(told.action), params, ...(result ? { result } : {}) });
    }
  }
  return lines.slice(-most).map(({ line, actions }) => ({ ...line, actions }));
}

/** A result names the action that it is of as the action's own entry does. */
function actionKey({ watcher, trigger, position }: { readonly [name: string]: JsonValue }): string {
  return JSON.stringify([watcher, trigger, position]);
}

function resultOf({ ok, message }: { readonly [name: string]: JsonValue }): DoneAction['result'] {
  return { ok: ok === true, message: typeof message === 'string' ? message : '' };
}

function lineOf({ timestamp, context = {} }: EventlogEntry, watcher: string): Omit<WatchedLine, 'actions'> {
  const { stream, lineNumber, line, captures, condition, error } = context;
  return {
    watcher,
    stream: stream === 'stderr' ? 'stderr' : 'stdout',
    number: Number(lineNumber),
    text: typeof line === 'string' ? line : '',
    time: timestamp,
    captures: Object(captures) as { readonly [name: string]: JsonValue },
    ...(typeof condition === 'boolean' ? { condition } : {}),
    ...(typeof error === 'string' ? { error } : {}),
  };
}

/** Of so many of the last matches the place in a document is looked for. */
const alignedOn = 100;

/**
 * How many lines of the output stand before line 0 of `lines`, the part of it that a document shows. The log tells numbers and
 * texts of lines: the place at which most of the last of them agree. `undefined`: at none.
 */
export function linesBefore(lines: readonly string[], watched: readonly WatchedLine[]): number | undefined {
  const recent = watched.slice(-alignedOn);
  const places = new Map<string, number[]>();
  for (const { text } of recent) places.set(startOf(text), []);
  lines.forEach((line, index) => void places.get(startOf(line))?.push(index));
  const votes = new Map<number, number>();
  for (const { number, text } of recent) {
    for (const index of places.get(startOf(text)) ?? []) {
      const before = number - 1 - index;
      if (before >= 0) votes.set(before, (votes.get(before) ?? 0) + 1);
    }
  }
  const [best] = [...votes].sort(([a, countA], [b, countB]) => countB - countA || a - b);
  return best?.[0];
}

/** Is `line` of a document the one that was matched? Progress bars and replaced files have others under the same number. */
export function isLine(line: string, { text }: WatchedLine): boolean {
  return startOf(line) === startOf(text);
}

function startOf(line: string): string {
  return stripControls(line).slice(0, 900);
}

/** Markdown: what was captured, and what was done. */
export function watchedHover({ watcher, time, captures, condition, error, actions }: WatchedLine): string {
  const verdict =
    error === undefined
      ? condition === false
        ? l10n.t('The condition was false.')
        : undefined
      : fieldLine(l10n.t('Condition failed'), error);
  return joinLines([
    l10n.t('Watcher {0} matched at {1}', inlineCode(watcher), fullTime(time)),
    ...Object.entries(captures).map(([name, value]) => `${inlineCode(name)} = ${inlineCode(String(value))}`),
    verdict,
    ...actions.map(({ name, params, result }) => {
      const shown = Object.entries(params).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
      const outcome = result === undefined ? l10n.t('under way') : result.ok ? l10n.t('done') : l10n.t('failed');
      const message = result?.message ? `: ${inlineCode(result.message)}` : '';
      return `**${inlineCode(`${name}(${shown.join(', ')})`)}** – ${outcome}${message}`;
    }),
  ]);
}

/** Behind the line: `cancel_job, notify`, with what failed. */
export function watchedNote({ actions }: WatchedLine): string | undefined {
  if (actions.length === 0) return undefined;
  return plainLine(
    actions.map(({ name, result }) => (result?.ok === false ? l10n.t('{0} failed', name) : name)).join(', '),
    120,
  );
}
