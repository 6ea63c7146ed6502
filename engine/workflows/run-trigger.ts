/** What starts the runs of a schedule: a time, an event, or whichever comes first. Pure. */
import { nextTime, parseCron } from '../../language/workflow/cron.ts';
import { ExpressionError, fill, holds, type WorkflowScope } from '../../language/workflow/fill.ts';
import type { TriggerSpec } from '../../language/workflow/spec.ts';
import { isTimeZone } from '../../language/workflow/zoned-time.ts';
import type { SeenEvent } from './effects.ts';
import { severalSignal } from './perform.ts';
import type { JsonMap, RunRecord } from './run-state.ts';
import type { RunInput } from './run-store.ts';

/** What a run of a schedule waits for before its steps; `timeoutAt` in seconds since the epoch. */
export interface TriggerWait {
  readonly signal: string;
  readonly timeoutAt?: number;
  readonly data: JsonMap;
  /** Names of the events that are waited for. */
  readonly events: readonly string[];
}

/** What expressions under `on` may use: nothing has been done yet. */
export function scheduleScope(input: Pick<RunInput, 'name' | 'cluster' | 'params' | 'labels'>): WorkflowScope {
  const { name, cluster, params, labels = {} } = input;
  return { params, run: { name, cluster, labels }, steps: {} };
}

/** Decided when the wait begins (`now`, in seconds since the epoch). Throws an error where what was filled in is none. */
export function triggerWait(on: TriggerSpec, scope: WorkflowScope, now: number): TriggerWait {
  const filled = fill({ cron: [...on.cron], events: [...on.events], zone: on.timezone ?? null }, scope) as {
    readonly cron: readonly unknown[];
    readonly events: readonly unknown[];
    readonly zone: unknown;
  };
  const zone = filled.zone === null ? undefined : String(filled.zone);
  if (zone !== undefined && !isTimeZone(zone)) throw new Error(`there is no time zone ${zone}`);
  const times = filled.cron.map((cron) => nextTime(parseCron(String(cron)), now, zone));
  const events = filled.events.map(String);
  return {
    signal: severalSignal(events),
    events,
    data: { events },
    ...(times.length > 0 ? { timeoutAt: Math.min(...times) } : {}),
  };
}

/** What has come: the first event after `since` that fits, or the time; undefined: nothing yet. It is `run.trigger`. */
export function triggered(
  on: TriggerSpec,
  wait: RunRecord,
  since: number,
  scope: WorkflowScope,
  now: number,
  eventsOf: (name: string) => readonly SeenEvent[],
): JsonMap | undefined {
  const names = Array.isArray(wait.data.events) ? wait.data.events.map(String) : [];
  const event = newEvents(names, since, eventsOf).find(
    ({ payload }) => on.match === undefined || doesFit(on.match, { ...scope, payload }),
  );
  if (event) return { kind: 'event', name: event.name, payload: event.payload, seq: event.seq };
  const { timeoutAt } = wait;
  if (timeoutAt === undefined || now < timeoutAt) return undefined;
  return { kind: 'cron', time: new Date(timeoutAt * 1000).toISOString().replace('.000Z', 'Z') };
}

/** An event whose payload the expression cannot be asked of does not fit. */
function doesFit(match: string, scope: WorkflowScope): boolean {
  try {
    return holds(match, scope);
  } catch (error) {
    if (error instanceof ExpressionError) return false;
    throw error;
  }
}

/** The number of the newest of these events: one that is newer starts a run; -1: there is none. */
export function latestEvent(names: readonly string[], eventsOf: (name: string) => readonly SeenEvent[]): number {
  return newEvents(names, -1, eventsOf).at(-1)?.seq ?? -1;
}

function newEvents(names: readonly string[], since: number, eventsOf: (name: string) => readonly SeenEvent[]) {
  return names
    .flatMap((name) => eventsOf(name))
    .filter(({ seq }) => seq > since)
    .toSorted((a, b) => a.seq - b.seq);
}
