/** The log that the benches of timelines draw: ten entries a second, each sixth of them a number. */
import type { EventlogEntry, JobInfo } from '../../engine/protocol.ts';

export const timelineStart = 1_795_262_400;
const names = ['watcher.match', 'watcher.action', 'watcher.result', 'log', 'metric', 'watcher.match'];

export function timelineEntry(index: number): EventlogEntry {
  const timestamp = timelineStart + index / 10;
  const context = {
    watcher: 'loss',
    line: `epoch ${index} loss ${index % 97}`,
    name: 'loss',
    value: index % 97,
    ok: true,
  };
  const name = index === 0 ? 'submit' : index === 1 ? 'start' : (names[index % names.length] ?? 'log');
  return { seq: index, timestamp, observed: timestamp, name, context };
}

export const timelineJob: JobInfo = {
  key: 'local/1',
  cluster: 'local',
  jobId: '1',
  name: 'train',
  state: 'running',
  submitted: timelineStart,
  watchers: [],
  logEnded: false,
};
