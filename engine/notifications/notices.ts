/**
 * What people are told by themselves: of watchers, of jobs that ended, of the engine. Gathers what comes at once, keeps what
 * comes in quiet hours or while no window is there, and shows each in one window.
 */
import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import type { Mute, NotificationSettings } from '../protocol/notifications.ts';
import type { JobKey, UserNotification } from '../protocol.ts';
import type { Publisher } from '../publisher.ts';
import type { Store } from '../store/store.ts';
import { digest, rank } from './digest.ts';
import { jobEndNotification } from './job-end.ts';
import { isQuiet } from './quiet-hours.ts';

export interface NoticesDependencies {
  readonly store: Pick<Store, 'setting' | 'saveSetting' | 'job'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly settings: () => NotificationSettings;
  /** False: there is no window. */
  readonly show: (notification: UserNotification) => boolean;
}

/** What comes within this time is shown at once; while more comes than is shown one by one, it doubles up to the longest. */
const gatherMs = 2_000;
const longestGatherMs = 60_000;
/** How often it is looked whether the quiet hours are over. */
const lookMs = 30_000;
const mostHeld = 200;
const mutesSetting = 'notifications.mutes';
const heldSetting = 'notifications.held';

export class Notices {
  readonly #deps: NoticesDependencies;
  #mutes: readonly Mute[];
  /** For later, the oldest first. */
  #held: readonly UserNotification[];
  #gathered: UserNotification[] = [];
  #gatherMs = gatherMs;
  #cancelGather: (() => void) | undefined;
  #cancelLook: (() => void) | undefined;

  constructor(deps: NoticesDependencies) {
    this.#deps = deps;
    this.#mutes = (deps.store.setting(mutesSetting) as readonly Mute[] | undefined) ?? [];
    this.#held = (deps.store.setting(heldSetting) as readonly UserNotification[] | undefined) ?? [];
  }

  /** The same publisher; what it is given to tell people goes through here too. */
  watching(publisher: Publisher): Publisher {
    return {
      cluster: (info) => publisher.cluster(info),
      job: (info) => publisher.job(info),
      forgotten: (job) => publisher.forgotten(job),
      emitted: (event) => publisher.emitted(event),
      eventlog: (job, entries, log) => {
        publisher.eventlog(job, entries, log);
        if (log === undefined && entries.some(({ name }) => name === 'clean')) this.#jobEnded(job);
      },
      notification: (notification) => {
        publisher.notification(notification);
        this.tell(notification);
      },
    };
  }

  /** Shows it, soon, or later, or never, as the settings and mutes say. */
  tell(notification: UserNotification): void {
    const { 'notifications.level': least } = this.#deps.settings();
    if (least === 'off' || rank(notification.level) < rank(least) || this.#isMuted(notification)) return;
    // A cancel that waits for its undo cannot wait for others.
    if (notification.cancelAt !== undefined && !this.#isQuiet()) {
      if (!this.#deps.show(notification)) this.#hold([notification]);
      return;
    }
    this.#gathered.push(notification);
    this.#cancelGather ??= this.#deps.clock.setTimeout(() => this.#gatherEnds(), this.#gatherMs);
  }

  /** A window came, or the settings or mutes changed: what was kept may be shown now. */
  wake(): void {
    if (this.#held.length === 0 || this.#isQuiet()) return;
    const shown = digest(this.#held, this.#held.length > 1 ? 'While nobody was to be told' : undefined);
    if (shown && this.#deps.show(shown)) this.#keepHeld([]);
  }

  get mutes(): readonly Mute[] {
    const now = this.#deps.clock.now();
    return this.#mutes.filter(({ until }) => until === undefined || until > now);
  }

  /** `seconds` from now; absent: until `unmute`. */
  mute({ seconds, ...subject }: Omit<Mute, 'until'> & { readonly seconds?: number }): readonly Mute[] {
    const until = seconds === undefined ? {} : { until: this.#deps.clock.now() + seconds };
    this.#keepMutes([...this.mutes.filter((one) => !isSame(one, subject)), { ...subject, ...until }]);
    return this.mutes;
  }

  unmute(subject: Omit<Mute, 'until'>): readonly Mute[] {
    this.#keepMutes(this.mutes.filter((one) => !isSame(one, subject)));
    this.wake();
    return this.mutes;
  }

  /** Shows or keeps what was gathered. */
  dispose(): void {
    this.#cancelLook?.();
    if (this.#gathered.length > 0) this.#gatherEnds();
    this.#cancelGather?.();
  }

  #jobEnded(key: JobKey): void {
    const job = this.#deps.store.job(key);
    const told = job && jobEndNotification(job, this.#deps.settings()['notifications.jobEnd']);
    if (told) this.tell(told);
  }

  #gatherEnds(): void {
    const { settings, show, clock } = this.#deps;
    this.#cancelGather?.();
    this.#cancelGather = undefined;
    const all = this.#gathered.splice(0);
    if (all.length === 0) {
      this.#gatherMs = gatherMs;
      return;
    }
    const isMany = all.length > settings()['notifications.digestOver'];
    this.#gatherMs = isMany ? Math.min(this.#gatherMs * 2, longestGatherMs) : gatherMs;
    // When nothing comes in the next span, the one after it is short again.
    if (isMany) this.#cancelGather = clock.setTimeout(() => this.#gatherEnds(), this.#gatherMs);
    if (this.#isQuiet()) {
      this.#hold(all);
      return;
    }
    const one = digest(all);
    const shown = isMany && one ? [one] : all;
    const first = shown.findIndex((notification) => !show(notification));
    if (first >= 0) this.#hold(isMany ? all : all.slice(first));
  }

  /** Also while everything is muted for a while. */
  #isQuiet(): boolean {
    const { clock, settings } = this.#deps;
    const isAllMuted = this.mutes.some(({ job, watcher }) => job === undefined && watcher === undefined);
    return isAllMuted || isQuiet(settings()['notifications.quietHours'], new Date(clock.now() * 1000));
  }

  #isMuted({ job, watcher }: UserNotification): boolean {
    return this.mutes.some(
      (mute) =>
        (mute.job !== undefined || mute.watcher !== undefined) &&
        (mute.job === undefined || mute.job === job) &&
        (mute.watcher === undefined || mute.watcher === watcher),
    );
  }

  #hold(more: readonly UserNotification[]): void {
    this.#keepHeld([...this.#held, ...more].slice(-mostHeld));
  }

  #keepHeld(held: readonly UserNotification[]): void {
    this.#held = held;
    this.#save(heldSetting, held);
    this.#cancelLook?.();
    this.#cancelLook = held.length === 0 ? undefined : this.#deps.clock.setTimeout(() => this.#look(), lookMs);
  }

  #look(): void {
    this.wake();
    if (this.#held.length > 0) this.#cancelLook = this.#deps.clock.setTimeout(() => this.#look(), lookMs);
  }

  #keepMutes(mutes: readonly Mute[]): void {
    this.#mutes = mutes;
    this.#save(mutesSetting, mutes);
  }

  /** While the database cannot be written it counts, but the next engine does not know it. */
  #save(name: string, value: unknown): void {
    try {
      this.#deps.store.saveSetting(name, value);
    } catch (error) {
      this.#deps.log.warn(`${name} is not kept: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

function isSame(a: Omit<Mute, 'until'>, b: Omit<Mute, 'until'>): boolean {
  return a.job === b.job && a.watcher === b.watcher;
}
