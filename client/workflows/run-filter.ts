/** Which runs the workflows view shows. Pure. */
import type { RunInfo, RunStatus } from '../../engine/protocol/workflows.ts';
import { runStates } from '../text/state-words.ts';

export interface RunFilter {
  /** None: any. */
  readonly statuses: readonly RunStatus[];
  /** `name=value`, as `labelsOf` writes them; none: any. A run is shown that has one of them. */
  readonly labels: readonly string[];
}

export const everyRun: RunFilter = { statuses: [], labels: [] };

export const runStatuses: readonly RunStatus[] = ['pending', 'running', 'sleeping', 'completed', 'failed', 'cancelled'];

export function labelsOf({ labels = {} }: RunInfo): readonly string[] {
  return Object.entries(labels).map(([name, value]) => `${name}=${value}`);
}

export function isShown(run: RunInfo, { statuses, labels }: RunFilter): boolean {
  if (statuses.length > 0 && !statuses.includes(run.status)) return false;
  return labels.length === 0 || labelsOf(run).some((label) => labels.includes(label));
}

/** `failed, cancelled · paper=icml`; undefined: all are shown. */
export function filterWords({ statuses, labels }: RunFilter): string | undefined {
  const parts = [statuses.map((status) => runStates[status]), labels]
    .filter((part) => part.length > 0)
    .map((part) => part.join(', '));
  return parts.length === 0 ? undefined : parts.join(' · ');
}

/** What was kept of an earlier session, or by another version. */
export function readFilter(kept: unknown): RunFilter {
  const texts = (key: string) => {
    const value: unknown = Reflect.get(Object(kept), key);
    return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
  };
  return { statuses: runStatuses.filter((status) => texts('statuses').includes(status)), labels: texts('labels') };
}
