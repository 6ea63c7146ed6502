/** A job that a JobFollower follows, with a real store; its cluster, its output and the clock are the test's. */
import { ConnectionError } from '../../../engine/clusters/connection.ts';
import type { OuterHost } from '../../../engine/jobs/job-actions.ts';
import { JobFollower } from '../../../engine/jobs/job-follower.ts';
import { silentLogger } from '../../../engine/logger.ts';
import type { FollowListener, OutputReader } from '../../../engine/output/reader.ts';
import type { UserNotification } from '../../../engine/protocol.ts';
import type { JobRecord } from '../../../engine/store/records.ts';
import { Store } from '../../../engine/store/store.ts';
import { initialProgress } from '../../../engine/watch/progress.ts';
import { PatternSets } from '../../../language/pattern/pattern-set.ts';
import type { WatcherSpec } from '../../../language/watcher/spec.ts';
import { fakeOuterHost } from '../../support/action-host.ts';
import { jobRecord, watcherSpec } from '../../support/builders.ts';
import { FakeClock } from '../../support/fake-clock.ts';

export const start = 1_700_000_000;

export class FakeReader implements OutputReader {
  readonly listeners = new Map<string, FollowListener>();
  /** Answers to `check` come by themselves. */
  answers = true;
  checks = 0;
  #offset = 0;

  follow({ path }: { path: string }, listener: FollowListener) {
    this.listeners.set(path, listener);
    return {
      check: () => {
        this.checks++;
        if (this.answers) queueMicrotask(() => listener.onCaughtUp(this.#offset));
      },
      stop: () => void this.listeners.delete(path),
    };
  }

  print(text: string, path = '/out'): unknown {
    const bytes = new TextEncoder().encode(text);
    const result = this.listeners.get(path)?.onData(this.#offset, bytes);
    this.#offset += bytes.length;
    return result;
  }

  caughtUp(path = '/out'): void {
    this.listeners.get(path)?.onCaughtUp(this.#offset);
  }

  dispose(): void {}
}

export const running = {
  state: 'running',
  phase: 'started',
  started: start,
  stdoutPath: '/out',
  stderrPath: '/out',
} as const;

export const completed = {
  jobId: '7',
  state: 'completed',
  started: start,
  ended: start + 60,
  status: 0,
  nodes: 'n1',
} as const;

export class FollowedJob {
  readonly store = new Store(':memory:');
  readonly clock = new FakeClock(start);
  reader = new FakeReader();
  isReachable = true;
  /** The cluster's clock, ahead of ours. */
  clockOffsetSeconds = 0;
  /** `fail`: so many cancels are yet to fail. */
  readonly cancels = { fail: 0, count: 0 };
  readonly broken: string[] = [];
  readonly notifications: UserNotification[] = [];
  /** What else actions may do. */
  world: Partial<OuterHost> = {};

  follow(specs: readonly Partial<WatcherSpec>[], fields: Partial<JobRecord> = running): JobFollower {
    const job = jobRecord(fields);
    this.store.saveJob(job);
    const watchers = specs.map((one) => watcherSpec(one));
    this.store.saveWatchers(
      job.key,
      watchers.map((spec) => ({ spec, state: initialProgress(spec, this.clock.now()) })),
    );
    return this.again(job);
  }

  /** As the next engine does. */
  again(job: JobRecord): JobFollower {
    return new JobFollower(job, {
      store: this.store,
      clock: this.clock,
      log: silentLogger,
      reader: this.reader,
      patternSets: new PatternSets(),
      user: () => 'me',
      appendsOutput: () => false,
      clockOffsetSeconds: () => this.clockOffsetSeconds,
      isReachable: () => this.isReachable,
      publisher: { cluster() {}, job() {}, eventlog() {}, forgotten() {}, emitted() {}, notification() {} },
      host: fakeOuterHost({
        cancel: async () => {
          this.cancels.count++;
          if (this.cancels.fail-- > 0) throw new ConnectionError('closed', 'test', 'the connection is down');
        },
        notify: (one) => void this.notifications.push(one),
        ...this.world,
      }),
      onHint() {},
      onClosed() {},
      onBroken: (key) => void this.broken.push(key),
    });
  }

  names(): readonly string[] {
    return this.store.eventlog('test/7').map((entry) => entry.name);
  }

  results() {
    return this.store.eventlog('test/7').filter((entry) => entry.name === 'watcher.result');
  }
}
