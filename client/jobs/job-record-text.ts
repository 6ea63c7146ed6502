/** How a job was submitted and what came of it, as a text to be compared with another job's. Pure. */
import { createHash } from 'node:crypto';
import type { JobUsage } from '../../engine/protocol/jobs.ts';
import type { PastSubmission } from '../../engine/protocol/submit.ts';
import type { EventlogEntry, JobInfo, Timestamp } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import { matchesInWords, triggersInWords } from '../text/counts.ts';
import { stripControls } from '../text/plain-text.ts';
import { duration, fullTime } from '../text/time.ts';
import { looks } from './job-states.ts';
import { describeStatus } from './wait-status.ts';

export interface JobRecordParts {
  readonly job: JobInfo;
  readonly submission: PastSubmission;
  /** `null`: nobody tells. */
  readonly usage: JobUsage | null;
  readonly eventlog: readonly EventlogEntry[];
}

/** Each thing on a line of its own, always in the same order: a difference between two jobs is a difference of lines. */
export function jobRecordText({ job, submission, usage, eventlog }: JobRecordParts): string {
  const { script, options, scriptPath, workdir } = submission;
  const lines = [
    ...line(l10n.t('job'), job.key),
    ...line(l10n.t('name'), job.name),
    ...line(l10n.t('submitted once more from'), job.resubmitOf),
    ...line(l10n.t('submitted'), fullTime(job.submitted)),
    ...line(l10n.t('state'), looks[job.state].words),
    ...line(l10n.t('end'), job.status === undefined ? undefined : describeStatus(job.status)),
    ...line(l10n.t('waited'), between(job.submitted, job.started)),
    ...line(l10n.t('ran'), between(job.started, job.ended)),
    ...line(l10n.t('time limit'), job.timeLimitSeconds === undefined ? undefined : duration(job.timeLimitSeconds)),
    ...line(l10n.t('partition'), job.partition),
    ...line(l10n.t('nodes'), job.nodes),
    ...usageLines(usage),
    ...line(l10n.t('working directory'), job.workdir ?? workdir),
    ...list(
      l10n.t('watchers'),
      job.watchers.map(
        ({ name, matchCount, triggerCount }) =>
          `${name}: ${matchesInWords(matchCount)}, ${triggersInWords(triggerCount)}`,
      ),
    ),
    ...list(
      l10n.t('last values of its metrics'),
      [...lastMetrics(eventlog)].map(([name, value]) => `${name} = ${value}`),
    ),
    ...list(
      l10n.t('notes'),
      Object.entries(job.memo ?? {}).map(([key, value]) => `${key}: ${value}`),
    ),
    ...list(l10n.t('options beside those of the script'), options),
    ...line(l10n.t('script'), scriptPath),
    ...line('SHA-256', createHash('sha256').update(script).digest('hex')),
    '',
    ...script.split('\n'),
  ];
  return stripControls(lines.join('\n'));
}

function usageLines(usage: JobUsage | null): readonly string[] {
  if (!usage) return [];
  const { cpus, cpuSeconds, memoryBytes, requestedMemoryBytes } = usage;
  return [
    ...line(l10n.t('CPUs'), cpus === undefined ? undefined : String(cpus)),
    ...line(l10n.t('CPU time'), cpuSeconds === undefined ? undefined : duration(cpuSeconds)),
    ...line(l10n.t('memory used'), megabytes(memoryBytes)),
    ...line(l10n.t('memory allocated'), megabytes(requestedMemoryBytes)),
  ];
}

const megabytes = (bytes: number | undefined) =>
  bytes === undefined ? undefined : l10n.t('{0} MB', (bytes / 1e6).toFixed(1));

const between = (from: Timestamp | undefined, to: Timestamp | undefined) =>
  from === undefined || to === undefined ? undefined : duration(Math.max(0, to - from));

/** By name, in the order of the names. */
function lastMetrics(eventlog: readonly EventlogEntry[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const { name, context } of eventlog) {
    if (name === 'metric' && context) values.set(String(context.name), String(context.value));
  }
  return new Map([...values].sort(([one], [other]) => one.localeCompare(other)));
}

function line(title: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [`${title}: ${value}`];
}

function list(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((one) => `  ${one}`)];
}
