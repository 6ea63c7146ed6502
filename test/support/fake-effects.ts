import { posix } from 'node:path';
import type { JobEnd, RunEffects, SeenEvent, SubmitEffect } from '../../engine/workflows/effects.ts';
import type { FilePlace } from '../../engine/workflows/file-place.ts';

/** A world for runs to act on: it keeps what was done under which key, and does nothing by itself. */
export class FakeEffects implements RunEffects {
  /** What was done, by key: `submit train.sh`, `run make`, `emit published`. */
  readonly done = new Map<string, string>();
  readonly jobs = new Map<string, JobEnd | undefined>();
  readonly cancelled: string[] = [];
  readonly emitted: Omit<SeenEvent, 'seq'>[] = [];
  readonly notified: string[] = [];
  readonly children = new Map<string, { outcome: string; reason: string } | undefined>();
  /** How jobs of a script end, in this order; absent: they go on. */
  readonly ends: { [script: string]: JobEnd[] } = {};
  /** How commands end. Default: 0. */
  readonly exits: { [command: string]: number[] } = {};
  /** Commands that do not end before they are aborted. */
  readonly endless = new Set<string>();
  /** The same key again has the same end. */
  readonly #exitCodes = new Map<string, number>();
  running = 0;
  mostRunning = 0;

  async submit(key: string, { script }: Pick<SubmitEffect, 'script'>): Promise<string> {
    const name = posix.basename(script.path);
    const known = [...this.done].find(([other]) => other === key);
    const number = known ? [...this.done.keys()].indexOf(key) + 1 : this.done.size + 1;
    const job = `test/${number}`;
    if (!known) {
      this.done.set(key, `submit ${name}`);
      this.jobs.set(job, this.ends[name]?.shift());
    }
    return job;
  }
  async cancelJob(job: string): Promise<void> {
    if (!this.cancelled.includes(job)) this.cancelled.push(job);
    this.jobs.set(job, { state: 'cancelled', status: 15 });
  }
  jobEnd(job: string): JobEnd | undefined | null {
    return this.jobs.has(job) ? this.jobs.get(job) : null;
  }
  async runCommand(key: string, { command }: { readonly command: string }, signal: AbortSignal) {
    if (!this.done.has(key)) this.done.set(key, `run ${command}`);
    this.running++;
    this.mostRunning = Math.max(this.mostRunning, this.running);
    try {
      await new Promise<void>((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        if (!this.endless.has(command)) setImmediate(resolve);
      });
    } finally {
      this.running--;
    }
    const exitCode = this.#exitCodes.get(key) ?? this.exits[command]?.shift() ?? 0;
    this.#exitCodes.set(key, exitCode);
    return { exitCode, stdout: `${command} was run` };
  }
  events(name: string): readonly SeenEvent[] {
    return this.emitted.map((event, seq) => ({ ...event, seq })).filter((event) => event.name === name);
  }
  emit(key: string, event: Omit<SeenEvent, 'seq'>): void {
    if (this.done.has(key)) return;
    this.done.set(key, `emit ${event.name}`);
    this.emitted.push(event);
  }
  notify({ message }: { readonly message: string }): void {
    this.notified.push(message);
  }
  async startChild(key: string, { file }: { readonly file: FilePlace }): Promise<string> {
    const id = `child-${key}`;
    if (!this.done.has(key)) this.children.set(id, undefined);
    this.done.set(key, `start ${posix.basename(file.path)}`);
    return id;
  }
  runEnd(run: string) {
    return this.children.get(run);
  }
  async cancelRun(run: string): Promise<void> {
    this.children.set(run, { outcome: 'cancelled', reason: '' });
  }
}
