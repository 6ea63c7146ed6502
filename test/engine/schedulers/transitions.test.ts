import { describe, expect, it } from 'vitest';
import type { JobSnapshot } from '../../../engine/schedulers/scheduler.ts';
import { closeLog, transition } from '../../../engine/schedulers/transitions.ts';
import { jobRecord } from '../../support/builders.ts';

const base = { jobId: '7', submitted: 100, eligible: 101 };
const running: JobSnapshot = { ...base, state: 'running', started: 110, nodes: 'n1', partition: 'debug' };

/** Names of all that is logged while the scheduler shows these states one after the other, and the record at the end. */
function run(...snapshots: JobSnapshot[]) {
  let job = jobRecord({ submitted: 100 });
  const events = snapshots.flatMap((snapshot) => {
    const step = transition(job, snapshot, 1000);
    job = step.job;
    return step.events;
  });
  return { job, events, names: events.map((event) => event.name) };
}

describe('from looks to events', () => {
  it('logs each transition once, with the times of the scheduler', () => {
    const { events } = run({ ...base, state: 'pending', reason: 'Priority' }, running, running, {
      ...running,
      state: 'completed',
      ended: 120,
      status: 0,
    });
    expect(events.map(({ name, timestamp }) => [name, timestamp])).toEqual([
      ['depend', 101],
      ['priority', 101],
      ['alloc', 110],
      ['start', 110],
      ['finish', 120],
    ]);
  });

  it('logs what nobody saw', () => {
    const { names, job } = run({ ...running, state: 'failed', ended: 120, status: 768 });
    expect(names).toEqual(['depend', 'priority', 'alloc', 'start', 'finish']);
    expect(job).toMatchObject({ state: 'failed', phase: 'finished', status: 768, started: 110, ended: 120 });
  });

  it('waits with `depend` for the dependency', () => {
    expect(run({ ...base, state: 'pending', reason: 'Dependency' }).names).toEqual([]);
    expect(
      run({ ...base, state: 'pending', reason: 'Dependency' }, { ...base, state: 'pending', reason: 'None' }).names,
    ).toEqual(['depend', 'priority']);
  });

  it.each([
    ['timeout', 'timeout'],
    ['out_of_memory', 'oom'],
    ['node_fail', 'node-fail'],
    ['boot_fail', 'boot-fail'],
    ['deadline', 'deadline'],
    ['preempted', 'preempt'],
    ['cancelled', 'cancel'],
  ] as const)('%s is a fatal exception before the finish', (state, type) => {
    const { events, names } = run(running, { ...running, state, ended: 120, status: 15, cancelledBy: 1001 });
    expect(names.slice(-2)).toEqual(['exception', 'finish']);
    expect(events.at(-2)?.context).toMatchObject({ type, severity: 0 });
    expect(events.at(-1)?.context).toEqual({ status: 15 });
  });

  it('has no alloc, start or finish for a job that was cancelled in the queue (Slurm gives it a start time all the same)', () => {
    const { names, job } = run(
      { ...base, state: 'pending' },
      { ...base, state: 'cancelled', started: 115, ended: 115, status: 0 },
    );
    expect(names).toEqual(['depend', 'priority', 'exception']);
    expect(closeLog(job, 116).events.map((event) => event.name)).toEqual(['clean']);
  });

  it('logs suspend and resume', () => {
    expect(run(running, { ...running, state: 'suspended' }, running).names.slice(-2)).toEqual(['suspend', 'resume']);
  });

  it('begins a new incarnation when a job goes back to the queue', () => {
    const { names, job } = run(
      running,
      { ...base, state: 'pending', reason: 'BeginTime', restarts: 1 },
      { ...running, started: 300, restarts: 1 },
    );
    expect(names.slice(4)).toEqual(['requeue', 'depend', 'priority', 'alloc', 'start']);
    expect(job).toMatchObject({ restarts: 1, started: 300, phase: 'started' });
  });

  it('notices a restart that happened between two looks by the new start time', () => {
    expect(run(running, { ...running, started: 400 }).names.slice(4)).toEqual([
      'requeue',
      'depend',
      'priority',
      'alloc',
      'start',
    ]);
  });

  it('allocates nodes that boot first, and starts once they run: that is no requeue', () => {
    const configuring: JobSnapshot = { ...running, state: 'pending', configuring: true, started: 105 };
    const { events, names } = run(configuring, configuring, { ...running, started: 230 });
    expect(names).toEqual(['depend', 'priority', 'alloc', 'start']);
    expect(events.slice(2).map(({ timestamp }) => timestamp)).toEqual([105, 230]);
  });

  it('begins again when the nodes did not boot', () => {
    const configuring: JobSnapshot = { ...running, state: 'pending', configuring: true };
    expect(run(configuring, { ...base, state: 'pending' }, running).names.slice(3)).toEqual([
      'requeue',
      'depend',
      'priority',
      'alloc',
      'start',
    ]);
  });

  it('learns late that the job is an array', () => {
    expect(run({ ...base, state: 'pending', isArray: true }).job.isArray).toBe(true);
  });

  it('says nothing after the end', () => {
    const ended = { ...running, state: 'completed', ended: 120, status: 0 } as const;
    expect(run(ended, running, ended).names.filter((name) => name === 'finish')).toHaveLength(1);
  });

  it('closes the log of a job that ran', () => {
    const { job } = run({ ...running, state: 'completed', ended: 120, status: 0 });
    expect(closeLog(job, 125).events).toEqual([
      { timestamp: 120, name: 'release', context: { ranks: 'all', final: true } },
      { timestamp: 120, name: 'free' },
      { timestamp: 120, name: 'clean' },
    ]);
  });
});
