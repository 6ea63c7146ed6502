/** The log of a job gone through event by event: how the job was at any time, and which events do not fit. Pure. */
import { type FluxJob, type FluxState, fatalException, newJob, replayEvent } from '../../engine/eventlog/job-phases.ts';
import type { LoggedEvent } from '../../engine/eventlog/rfc18.ts';
import type { EventlogEntry } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import type { ReplayCapture, ReplayState, TimelineReplay } from '../../webview/timeline-view.ts';
import { describeStatus } from '../jobs/wait-status.ts';
import { plainLine } from '../text/plain-text.ts';

/** What is known after some events; `take` goes on from there. */
export class JobReplay {
  #job: FluxJob = newJob;
  #isStopped = false;
  #nodes = '';
  #reason = '';
  readonly #states: ReplayState[] = [];
  readonly #captures: ReplayCapture[] = [];
  readonly #last = new Map<string, string>();
  #time = 0;

  /** @returns why the event is no valid transition */
  take(entry: EventlogEntry): string | undefined {
    // The scheduler's clock and ours are two: what is told late has not happened before what was told first.
    this.#time = Math.max(this.#time, entry.timestamp);
    if (entry.name === 'watcher.match') this.#capture(entry);
    const { job, problem } = replayLogged(this.#job, entry);
    const isStopped = entry.name === 'suspend' || (this.#isStopped && !endsStop.has(entry.name));
    const before = this.#states.at(-1);
    this.#job = job;
    this.#isStopped = isStopped;
    const { nodes, reason } = entry.context ?? {};
    if (entry.name === 'alloc') this.#nodes = nodes === undefined ? '' : plainLine(String(nodes), 120);
    if (entry.name === 'requeue') this.#reason = reason === undefined ? '' : plainLine(String(reason), 120);
    if (entry.name === 'alloc') this.#reason = '';
    const now = this.#described();
    if (before?.state !== now.state || before.reason !== now.reason || before.started !== now.started)
      this.#states.push(now);
    return problem;
  }

  /** `key`: of the row of the job. */
  told(key: string): TimelineReplay {
    return { key, states: [...this.#states], captures: [...this.#captures] };
  }

  #described(): ReplayState {
    const { started, ended } = this.#job;
    return {
      time: this.#time,
      state: this.#isStopped ? l10n.t('is stopped') : stateWords(this.#job),
      reason: [
        ...reasons(this.#job),
        ...(this.#reason ? [l10n.t('put back: {0}', this.#reason)] : []),
        ...this.#place(),
      ].join('; '),
      ...(started === undefined ? {} : { started }),
      ...(started === undefined || ended === undefined ? {} : { ended }),
    };
  }

  #place(): readonly string[] {
    return this.#job.hasResources && this.#nodes ? [l10n.t('on {0}', this.#nodes)] : [];
  }

  #capture({ context = {} }: EventlogEntry): void {
    const { captures, watcher } = context;
    if (typeof captures !== 'object' || captures === null) return;
    for (const [name, value] of Object.entries(captures)) {
      const label = plainLine(`${String(watcher)}: ${name}`, 80);
      const words = plainLine(typeof value === 'string' ? value : JSON.stringify(value), 120);
      if (this.#last.get(label) === words) continue;
      this.#last.set(label, words);
      this.#captures.push({ time: this.#time, name: label, value: words });
    }
  }
}

const endsStop = new Set(['resume', 'requeue', 'finish', 'exception', 'clean']);

/** RFC 21, and what schedulers other than Flux do besides: they tell of no validation, and put jobs back into the queue. */
export function replayLogged(job: FluxJob, event: LoggedEvent): { readonly job: FluxJob; readonly problem?: string } {
  if (event.name === 'requeue') {
    if (job.since === undefined) return { job, problem: l10n.t('requeue before submit') };
    const { started: _, ended: __, status: ___, ...rest } = job;
    return { job: { ...rest, state: 'DEPEND', since: event.timestamp, hasResources: false } };
  }
  const isUnvalidated = event.name === 'depend' && job.state === 'NEW' && job.since !== undefined;
  return replayEvent(isUnvalidated ? { ...job, state: 'DEPEND' } : job, event);
}

const words: { readonly [state in FluxState]: string } = {
  NEW: l10n.t('is submitted'),
  DEPEND: l10n.t('waits for what it depends on'),
  PRIORITY: l10n.t('waits for its priority'),
  SCHED: l10n.t('waits for nodes'),
  RUN: l10n.t('runs'),
  CLEANUP: l10n.t('is cleaned up'),
  INACTIVE: l10n.t('is over'),
};

function stateWords(job: FluxJob): string {
  if (job.isInvalid) return l10n.t('was not taken');
  return job.state === 'RUN' && job.started === undefined ? l10n.t('gets its nodes ready') : words[job.state];
}

function reasons(job: FluxJob): readonly string[] {
  const { status, dependencies, state } = job;
  const fatal = fatalException(job);
  return [
    ...(state === 'DEPEND' && dependencies.length > 0 ? [l10n.t('depends on {0}', dependencies.join(', '))] : []),
    ...(fatal ? [`${fatal.type}${fatal.note ? `: ${fatal.note}` : ''}`] : []),
    ...(status === undefined ? [] : [l10n.t('ended with {0}', describeStatus(status))]),
  ].map((one) => plainLine(one, 200));
}
