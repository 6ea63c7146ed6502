/** Many notifications as one. Pure. */
import type { JobState, UserNotification } from '../protocol.ts';

const levels = ['info', 'warning', 'error'] as const;

export function rank(level: UserNotification['level']): number {
  return levels.indexOf(level);
}

/** One stays what it is. `since`: why they come together, as the beginning of the text, e.g. `While it was quiet`. */
export function digest(all: readonly UserNotification[], since?: string): UserNotification | undefined {
  const [only] = all;
  if (only === undefined || all.length === 1) return only;
  const ends = all.filter((one) => one.ended !== undefined);
  const others = all.filter((one) => one.ended === undefined);
  const parts = [
    ...(ends.length > 0 ? [`${count(ends.length, 'job has ended', 'jobs have ended')} (${byState(ends)})`] : []),
    ...(others.length > 0 ? [count(others.length, 'message', 'messages')] : []),
  ];
  const level = levels[Math.max(...all.map((one) => rank(one.level)))] ?? 'info';
  const text = parts.join(', ');
  return {
    level,
    message: since === undefined ? `${text}.` : `${since}: ${text}.`,
    // One that was cancelled meanwhile cannot be kept from it any more.
    items: all.map(({ cancelAt, ...item }) => item),
  };
}

function byState(ends: readonly UserNotification[]): string {
  const counts = new Map<JobState, number>();
  for (const { ended = 'lost' } of ends) counts.set(ended, (counts.get(ended) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([state, number]) => `${number} ${state.replaceAll('_', ' ')}`)
    .join(', ');
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}
