/** What watchers would have done with some output, as a text to read. Nothing was performed. */
import type { EventlogEntry, JsonValue, ReplayResult, WatcherInfo } from '../../engine/protocol.ts';
import { stripControls } from '../text/plain-text.ts';

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
    `${oneLine(script)} tried on ${oneLine(source)}`,
    `${counted(lines, 'line')}, ${counted(watchers.length, 'watcher')}: ${counted(matches, 'match', 'matches')}, ${counted(triggers, 'trigger')}. Nothing was performed.`,
    ...notes.map((note) => `note: ${oneLine(note)}`),
    ...(total > events.length
      ? [`Shown are the first ${counted(events.length, 'event')} of ${total.toLocaleString('en')}.`]
      : []),
  ];
  const sections = watchers.map((watcher) => section(watcher, events));
  return `${[head, ...sections].map((rows) => rows.join('\n')).join('\n\n')}\n`;
}

function section(watcher: WatcherInfo, events: readonly EventlogEntry[]): readonly string[] {
  const { name, line, matchCount, triggerCount, state, reason } = watcher;
  const ended = state === 'active' || state === 'triggered' ? '' : `, ${state}${reason ? ` (${oneLine(reason)})` : ''}`;
  const title = `${oneLine(name)} (line ${line + 1}): ${counted(matchCount, 'match', 'matches')}, ${counted(triggerCount, 'trigger')}${ended}`;
  const own = events.filter(({ context }) => context?.watcher === name);
  return [title, ...own.flatMap(eventRows)];
}

function eventRows({ name, context = {} }: EventlogEntry): readonly string[] {
  if (name === 'watcher.match') return matchRows(context);
  if (name === 'watcher.action') {
    const params = Object.entries(Object(context.params)).map(([key, value]) => `${key}=${shown(value as JsonValue)}`);
    const cause = typeof context.cause === 'string' && context.cause !== 'match' ? ` – ${oneLine(context.cause)}` : '';
    return [`        would ${text(context.action)}(${params.join(', ')})${cause}`];
  }
  if (name === 'watcher.state') {
    const reason = context.reason === undefined ? '' : ` (${text(context.reason)})`;
    return [`        then ${text(context.state)}${reason}`];
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
  if (typeof error === 'string') return `condition failed: ${oneLine(error)}`;
  return typeof condition === 'boolean' ? `condition is ${condition ? 'true' : 'false'}` : undefined;
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

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
