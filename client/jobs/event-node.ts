/** Eventlog entries as rows of the jobs tree. */
import type { EventlogEntry, JobInfo, JsonValue, Timestamp } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import { fieldLine, inlineCode, joinLines } from '../text/markdown.ts';
import { plainLine } from '../text/plain-text.ts';
import { clockTime, duration, fullTime } from '../text/time.ts';
import type { NodeIcon, TreeNode } from './tree-node.ts';
import { describeStatus } from './wait-status.ts';

type Context = { readonly [key: string]: JsonValue };

interface EventKind {
  readonly icon: NodeIcon;
  /** For the tooltip: what such an entry means. */
  readonly meaning: string;
  /** The part of the context that is worth a place in the row; not given: all of it. The end may be cut off. */
  readonly summary?: (context: Context) => string;
}

const green = 'charts.green';
const blue = 'charts.blue';
const yellow = 'charts.yellow';
const orange = 'charts.orange';
const red = 'charts.red';
const purple = 'charts.purple';

const plain = (id: string, meaning: string, summary?: EventKind['summary'], color?: string): EventKind => ({
  icon: color === undefined ? { id } : { id, color },
  meaning,
  ...(summary && { summary }),
});

/** Every event that Vigil knows: those of Flux RFC 21, and its own. */
const eventKinds: ReadonlyMap<string, EventKind> = new Map([
  ['submit', plain('cloud-upload', l10n.t('The scheduler has taken the job.'), nothing)],
  ['validate', plain('verified', l10n.t('The scheduler has checked the job.'))],
  ['depend', plain('link', l10n.t('All dependencies of the job are met.'))],
  ['priority', plain('list-ordered', l10n.t('The job has got its priority.'), (c) => text(c, 'priority'))],
  ['urgency', plain('list-ordered', l10n.t('The urgency of the job was changed.'), (c) => text(c, 'urgency'))],
  ['alloc', plain('server', l10n.t('The job has got its nodes.'), allocation, blue)],
  ['prolog-start', plain('tools', l10n.t("The site's prolog runs."))],
  ['prolog-finish', plain('tools', l10n.t("The site's prolog has ended."), status)],
  ['start', plain('play', l10n.t('The job runs.'), undefined, blue)],
  ['suspend', plain('debug-pause', l10n.t('The job was stopped for a while.'), undefined, orange)],
  ['resume', plain('debug-continue', l10n.t('The job runs again.'), undefined, blue)],
  ['requeue', plain('debug-restart', l10n.t('The job was put back into the queue.'), (c) => text(c, 'reason'), orange)],
  ['memo', plain('note', l10n.t('A note on the job.'))],
  ['finish', plain('debug-stop', l10n.t('The script of the job has ended.'), status)],
  ['epilog-start', plain('tools', l10n.t("The site's epilog runs."))],
  ['epilog-finish', plain('tools', l10n.t("The site's epilog has ended."), status)],
  ['release', plain('unlock', l10n.t('The nodes are given back.'), nothing)],
  ['free', plain('unlock', l10n.t('All nodes are free again.'))],
  ['clean', plain('check-all', l10n.t('All is done; nothing but results of actions may follow.'))],
  ['exception', plain('error', l10n.t('Something other than the script decided about the job.'), exception, red)],
  [
    'watcher.match',
    plain('search', l10n.t('A line of the output matched the pattern of a watcher.'), watcherMatch, purple),
  ],
  [
    'watcher.action',
    plain('zap', l10n.t('A watcher has decided on an action; the result follows.'), watcherAction, purple),
  ],
  ['watcher.result', plain('pass', l10n.t('What became of the action of a watcher.'), watcherResult, purple)],
  ['watcher.state', plain('eye', l10n.t('A watcher changed its state.'), watcherState)],
  ['metric', plain('graph-line', l10n.t('A point of a series of numbers of the job.'), metric)],
  ['log', plain('output', l10n.t('A message written by a watcher.'), (c) => text(c, 'message'))],
  [
    'output.lost',
    plain('warning', l10n.t('Bytes of the output vanished before they were read.'), (c) => text(c, 'note'), yellow),
  ],
  [
    'connection.lost',
    plain('debug-disconnect', l10n.t('The cluster could not be reached.'), (c) => text(c, 'reason'), yellow),
  ],
  ['connection.restored', plain('plug', l10n.t('The cluster is reached again.'), undefined, green)],
]);

const unknownEvent: EventKind = {
  icon: { id: 'circle-small-filled' },
  meaning: l10n.t('An event that this version of Vigil has no description of.'),
};

/** What an event of this name means. */
export function eventMeaning(name: string): string {
  return (eventKinds.get(name) ?? unknownEvent).meaning;
}

/** The row of `entry` in the log of `job`. */
export function eventNode(job: JobInfo, entry: EventlogEntry, now: Timestamp): TreeNode {
  const kind = eventKinds.get(entry.name) ?? unknownEvent;
  const context = entry.context ?? {};
  const summary = plainLine((kind.summary ?? compactContext)(context), 160);
  return {
    id: `event:${job.key}:${entry.seq}`,
    subject: { kind: 'event', job: job.key, seq: entry.seq },
    label: plainLine(entry.name, 80),
    description: [clockTime(entry.timestamp, now), summary].filter((part) => part !== '').join('  '),
    icon: eventIcon(entry, kind),
    tooltip: () => eventTooltip(job, entry, kind.meaning),
    contextValue: 'event',
    expansion: 'none',
  };
}

/** An entry in one line, at most 200 characters: `watcher.match epoch 3 loss 2.1 · loss`. */
export function eventWords({ name, context = {} }: EventlogEntry): string {
  const { summary = compactContext } = eventKinds.get(name) ?? unknownEvent;
  return plainLine(`${name} ${summary(context)}`, 200);
}

const levelColors: ReadonlyMap<JsonValue | undefined, { readonly color: string }> = new Map([
  ['warning', { color: yellow }],
  ['error', { color: red }],
]);

/** The row that stands for `entries`, consecutive ones of a long log. */
export function eventGroupNode(job: JobInfo, entries: readonly EventlogEntry[], now: Timestamp): TreeNode {
  const [first, last] = [entries[0], entries.at(-1)];
  if (!first || !last) throw new Error('a group of events has at least one');
  const [from, to] = [first.seq, last.seq + 1];
  return {
    id: `events:${job.key}:${from}`,
    subject: { kind: 'events', job: job.key, from, to },
    label: l10n.t('events {0}–{1}', from + 1, to),
    description: `${clockTime(first.timestamp, now)} – ${clockTime(last.timestamp, now)}`,
    icon: { id: 'history' },
    tooltip: () => l10n.t('{0} earlier events.', entries.length),
    contextValue: 'events',
    expansion: 'collapsed',
  };
}

/** A failed end or action is red whatever the kind of event. */
function eventIcon(entry: EventlogEntry, kind: EventKind): NodeIcon {
  const context = entry.context ?? {};
  if (entry.name === 'finish') return context.status === 0 ? { id: 'pass', color: green } : { id: 'error', color: red };
  if (entry.name === 'watcher.result' && context.ok === false) return { id: 'error', color: red };
  if (entry.name === 'log') return { ...kind.icon, ...levelColors.get(context.level) };
  if (entry.name === 'watcher.match' && context.condition === false) return { id: 'search' };
  return kind.icon;
}

function eventTooltip(job: JobInfo, entry: EventlogEntry, meaning: string): string {
  const sinceSubmit = entry.timestamp - job.submitted;
  const lateSeconds = entry.observed - entry.timestamp;
  const lines = [
    fieldLine(l10n.t('Time'), fullTime(entry.timestamp)),
    sinceSubmit >= 0 ? fieldLine(l10n.t('After the submission'), duration(sinceSubmit)) : undefined,
    lateSeconds >= 1 ? fieldLine(l10n.t('Seen'), l10n.t('{0} later', duration(lateSeconds))) : undefined,
    ...Object.entries(entry.context ?? {}).map(([name, value]) => `${inlineCode(name)}: ${inlineCode(asText(value))}`),
  ];
  return `**${inlineCode(entry.name)}** – ${meaning}\n\n${joinLines(lines)}`;
}

/** The rest is in the row of the job. */
function nothing(): string {
  return '';
}

function allocation(context: Context): string {
  return [text(context, 'nodes'), text(context, 'partition')].filter((part) => part !== '').join(' · ');
}

function status(context: Context): string {
  return typeof context.status === 'number' ? describeStatus(context.status) : '';
}

function exception(context: Context): string {
  return [text(context, 'type'), text(context, 'note')].filter((part) => part !== '').join(': ');
}

function watcherMatch(context: Context): string {
  const reason = text(context, 'error');
  const matched = `${text(context, 'line')} · ${text(context, 'watcher')}`;
  if (context.condition !== false) return matched;
  const rejected = reason === '' ? l10n.t('condition does not hold') : l10n.t('condition failed: {0}', reason);
  return `${matched}, ${rejected}`;
}

function watcherAction(context: Context): string {
  const params = Object.entries(Object(context.params)).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${text(context, 'action')}(${params.join(', ')}) · ${text(context, 'watcher')}`;
}

function watcherResult(context: Context): string {
  return `${text(context, 'action')}: ${text(context, 'message')} · ${text(context, 'watcher')}`;
}

function watcherState(context: Context): string {
  const reason = text(context, 'reason');
  return `${text(context, 'watcher')}: ${text(context, 'state')}${reason === '' ? '' : ` (${reason})`}`;
}

function metric(context: Context): string {
  return `${text(context, 'name')} = ${text(context, 'value')}`;
}

function text(context: Context, key: string): string {
  const value = context[key];
  return value === undefined || value === null ? '' : asText(value);
}

function asText(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** All of a context in one line: `nodes=n1 partition=debug`. */
function compactContext(context: Context): string {
  return Object.entries(context)
    .map(([name, value]) => `${name}=${asText(value)}`)
    .join(' ');
}
