/**
 * The tools of assistants, as VS Code's chat and `vigil mcp` have them: what each answers, by what it was asked. What they are
 * called and what they take stands in package.json. Pure.
 */
import type { JobInfo, JobKey, Timestamp } from '../protocol.ts';
import { eventText, jobText, lastLines, quotedOutput, type ToldEvent } from './tool-text.ts';

export const toolNames = [
  'vigil_jobs',
  'vigil_eventlog',
  'vigil_output',
  'vigil_submit',
  'vigil_cancel',
  'vigil_hold',
  'vigil_release',
] as const;
export type ToolName = (typeof toolNames)[number];

/** What an assistant gave a tool. */
export type ToolInput = { readonly [name: string]: unknown };

const mostJobs = 100;
const mostEvents = 200;
const mostLines = 400;
/** Of the end of an output; more than the longest answer has. */
export const outputTailBytes = 512 * 1024;

const byNumbers = new Intl.Collator('en', { numeric: true });

/** `jobs`: all that are known, in any order. */
export function jobsAnswer(
  jobs: Iterable<JobInfo>,
  { cluster, active, limit }: ToolInput,
  isEnded: (job: JobInfo) => boolean,
  now: Timestamp,
): string {
  const chosen = [...jobs]
    .filter((job) => cluster === undefined || job.cluster === cluster)
    .filter((job) => active !== true || !isEnded(job))
    .sort((a, b) => b.submitted - a.submitted || byNumbers.compare(b.key, a.key));
  return jobText(chosen, wholeNumber(limit, 20, mostJobs), now);
}

/** `events`: the whole eventlog. */
export function eventlogAnswer(events: readonly ToldEvent[], { limit }: ToolInput): string {
  return eventText(events, wholeNumber(limit, 50, mostEvents));
}

/** Where the output that is asked for is; `undefined`: that is not known yet. */
export function outputPath(job: JobInfo, { stream }: ToolInput): string | undefined {
  return stream === 'stderr' ? (job.stderrPath ?? job.stdoutPath) : job.stdoutPath;
}

/** `text`: the end of the output. */
export function outputAnswer(text: string, { lines }: ToolInput): string {
  return quotedOutput(lastLines(text, wholeNumber(lines, 100, mostLines)));
}

export function submittedAnswer(key: JobKey): string {
  return `submitted as ${key}`;
}

export function orderedAnswer(verb: 'cancel' | 'hold' | 'release', key: JobKey): string {
  return `asked the scheduler to ${verb} ${key}`;
}

function wholeNumber(value: unknown, otherwise: number, most: number): number {
  return typeof value === 'number' && value >= 1 ? Math.min(Math.floor(value), most) : otherwise;
}
