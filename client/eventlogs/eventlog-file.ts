/** An eventlog in a file (RFC 18: a JSON object a line) as an editor shows it: what is wrong with it, what each line says. Pure. */
import { type FluxJob, newJob } from '../../engine/eventlog/job-phases.ts';
import { type LoggedEvent, parseEvent } from '../../engine/eventlog/rfc18.ts';
import * as l10n from '../../language/text/l10n.ts';
import { eventMeaning } from '../jobs/event-node.ts';
import { fieldLine, inlineCode, joinLines } from '../text/markdown.ts';
import { fullTime } from '../text/time.ts';
import { replayLogged } from '../timeline/replay.ts';

export interface LoggedLine {
  /** From 0. */
  readonly line: number;
  readonly event: LoggedEvent;
  /** As RFC 21 names it, after the event; absent in logs that are not a job's own. */
  readonly state?: string;
}

export interface LineProblem {
  readonly line: number;
  readonly message: string;
  /** The line is no event; else it is one that does not fit. */
  readonly isError: boolean;
}

export interface EventlogFile {
  readonly events: readonly LoggedLine[];
  readonly problems: readonly LineProblem[];
}

export function readEventlogFile(text: string): EventlogFile {
  const events: LoggedLine[] = [];
  const problems: LineProblem[] = [];
  let job: FluxJob | undefined;
  for (const [line, content] of text.split('\n').entries()) {
    if (content.trim() === '') continue;
    const event = parseEvent(content);
    if (typeof event === 'string') {
      problems.push({ line, message: event, isError: true });
      continue;
    }
    // Only a job's own log has the transitions of RFC 21; that of its execution begins otherwise.
    if (events.length === 0 && event.name === 'submit') job = newJob;
    const replayed = job && replayLogged(job, event);
    job = replayed?.job;
    if (replayed?.problem !== undefined)
      problems.push({ line, message: l10n.t('No valid transition: {0}', replayed.problem), isError: false });
    events.push({ line, event, ...(job && { state: job.state }) });
  }
  return { events, problems };
}

/** `+12.345 s`. */
export function offsetWords(from: number, to: number): string {
  return `${to < from ? '−' : '+'}${Math.abs(to - from).toFixed(3)} s`;
}

/** Markdown about a line; undefined: there is no event on it. */
export function describeLine({ events }: EventlogFile, line: number): string | undefined {
  const index = events.findIndex((one) => one.line === line);
  const found = events[index];
  const first = events[0];
  if (!found || !first) return undefined;
  const { timestamp, name } = found.event;
  const before = events[index - 1];
  const lines = [
    fieldLine(l10n.t('Time'), fullTime(timestamp)),
    fieldLine(l10n.t('Since the first event'), offsetWords(first.event.timestamp, timestamp)),
    fieldLine(l10n.t('Since the event before'), before && offsetWords(before.event.timestamp, timestamp)),
    fieldLine(l10n.t('State then'), found.state),
  ];
  return `**${inlineCode(name)}** ${eventMeaning(name)}\n\n${joinLines(lines)}`;
}

/** A log for comparing with another one: times since its first event, without what differs between any two jobs. */
export function comparableText(events: readonly LoggedEvent[]): string {
  const [first] = events;
  return events
    .map(({ timestamp, name, context = {} }) => {
      const words = Object.entries(context).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`);
      return `${offsetWords(first?.timestamp ?? timestamp, timestamp).padStart(14)}  ${name}${words.join('')}\n`;
    })
    .join('');
}
