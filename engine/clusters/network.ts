/** Notices what may have cut connections without a word: the computer slept, or its network is another one. */
import { networkInterfaces } from 'node:os';
import type { Clock } from '../clock.ts';

export type Disturbance = 'slept' | 'network';

export interface NetworkWatchOptions {
  readonly clock: Clock;
  readonly onDisturbed: (what: Disturbance) => void;
  /** The addresses of this machine as one text. */
  readonly addresses?: () => string;
}

const lookMs = 5_000;
/** Timers do not run in a sleeping computer: one that is so late was slept through (or the clock was set). */
const lateSeconds = 20;

/** Looks until the result is called. */
export function watchNetwork({ clock, onDisturbed, addresses = ownAddresses }: NetworkWatchOptions): () => void {
  let known = addresses();
  let cancel = () => {};
  const look = (due: number) => {
    const [now, present] = [clock.now(), addresses()];
    const hasSlept = Math.abs(now - due) > lateSeconds;
    const isElsewhere = present !== known;
    known = present;
    next();
    if (hasSlept) onDisturbed('slept');
    else if (isElsewhere) onDisturbed('network');
  };
  const next = () => {
    const due = clock.now() + lookMs / 1000;
    cancel = clock.setTimeout(() => look(due), lookMs);
  };
  next();
  return () => cancel();
}

/** Without link-local ones, which come and go by themselves. */
function ownAddresses(): string {
  return Object.entries(networkInterfaces())
    .flatMap(([name, list = []]) =>
      list.filter((one) => !one.internal && !/^(fe80|169\.254)/i.test(one.address)).map((one) => `${name} ${one.cidr}`),
    )
    .sort()
    .join('\n');
}
