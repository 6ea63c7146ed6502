/** What watchers would have done with some output, as a text to read. Nothing was performed. */
import type { EventlogEntry, JsonValue, ReplayResult, WatcherInfo } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import { eventsInWords, linesInWords, matchesInWords, triggersInWords, watchersInWords } from '../text/counts.ts';
import { stripControls } from '../text/plain-text.ts';
import { watcherStates } from '../text/state-words.ts';

export interface ReplayedScript {
  /** The script's file name. */
  readonly script: string;
  /** What its watchers were tried on, for people. */
  readonly source: string;
}

/** Longer texts from the output are cut. */
const longestText = 300;

/** Plain text: a heading, then a section a watcher with each match, its condition, and what would have been done. */
export function replayReport({ script, source }: ReplayedScript, result: ReplayResult): string {
  const { events, total, watchers, lines, notes } = result;
  const matches = watchers.reduce((sum, { matchCount }) => sum + matchCount, 0);
  const triggers = watchers.reduce((sum, { triggerCount }) => sum + triggerCount, 0);
  const head = [
    l10n.t('{0} tried on {1}', oneLine(script), oneLine(source)),
    l10n.t(
      '{0}, {1}: {2}, {3}. Nothing was performed.',
      linesInWords(lines),
      watchersInWords(watchers.length),
      matchesInWords(matches),
      triggersInWords(triggers),
    ),
    ...notes.map((note) => l10n.t('note: {0}', oneLine(note))),
    ...(total > events.length
      ? [l10n.t('Shown are the first {0} of {1}.', eventsInWords(events.length), total.toLocaleString('en'))]
      : []),
  ];
  const sections = watchers.map((watcher) => section(watcher, events));
  return `${[head, ...sections].map((rows) => rows.join('\n')).join('\n\n')}\n`;
}

function section(watcher: WatcherInfo, events: readonly EventlogEntry[]): readonly string[] {
  const { name, line, matchCount, triggerCount, state, reason } = watcher;
  const ended =
    state === 'active' || state === 'triggered'
      ? ''
      : `, ${watcherStates[state]}${reason ? ` (${oneLine(reason)})` : ''}`;
  const place = l10n.t('{0} (line {1})', oneLine(name), line + 1);
  const title = `${place}: ${matchesInWords(matchCount)}, ${triggersInWords(triggerCount)}${ended}`;
  const own = events.filter(({ context }) => context?.watcher === name);
  return [title, ...own.flatMap(eventRows)];
}

function eventRows({ name, context = {} }: EventlogEntry): readonly string[] {
  if (name === 'watcher.match') return matchRows(context);
  if (name === 'watcher.action') {
    const params = Object.entries(Object(context.params)).map(([key, value]) => `${key}=${shown(value as JsonValue)}`);
    const cause = typeof context.cause === 'string' && context.cause !== 'match' ? ` – ${oneLine(context.cause)}` : '';
    return [`        ${l10n.t('would {0}', `${text(context.action)}(${params.join(', ')})`)}${cause}`];
  }
  if (name === 'watcher.state') {
    const reason = context.reason === undefined ? '' : ` (${text(context.reason)})`;
    return [`        ${l10n.t('then {0}', text(context.state))}${reason}`];
  }
  return [];
}

function matchRows(context: { readonly [key: string]: JsonValue }): readonly string[] {
  const captures = Object.entries(Object(context.captures)).map(
    ([name, value]) => `${name}=${shown(value as JsonValue)}`,
  );
  const stream = context.stream === 'stderr' ? ' (stderr)' : '';
  const place = `${typeof context.lineNumber === 'number' ? context.lineNumber : '–'}${stream}`;
  const verdict = verdictOf(context);
  const details = [...(captures.length > 0 ? [captures.join(', ')] : []), ...(verdict ? [verdict] : [])].join('; ');
  return [`  ${place.padStart(6)}: ${text(context.line)}`, ...(details === '' ? [] : [`        ${details}`])];
}

function verdictOf({ condition, error }: { readonly [key: string]: JsonValue }): string | undefined {
  if (typeof error === 'string') return l10n.t('condition failed: {0}', oneLine(error));
  return typeof condition === 'boolean'
    ? condition
      ? l10n.t('condition is true')
      : l10n.t('condition is false')
    : undefined;
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? oneLine(value, longestText) : shown(value ?? null);
}

function shown(value: JsonValue): string {
  return oneLine(JSON.stringify(value), longestText);
}

/** What a job prints may hold control characters. */
function oneLine(value: string, maxLength = 500): string {
  const line = stripControls(value).replace(/\s+/g, ' ').trim();
  return line.length > maxLength ? `${line.slice(0, maxLength - 1)}…` : line;
}
