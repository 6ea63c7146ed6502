/** Watchers of a job as rows of the jobs tree. */
import type { JobInfo, WatcherInfo, WatcherState } from '../../engine/protocol.ts';
import type { NodeIcon, TreeNode } from '../jobs/tree-node.ts';
import { fieldLine, inlineCode, joinLines } from '../text/markdown.ts';
import { plainLine } from '../text/plain-text.ts';

const icons: { readonly [state in WatcherState]: NodeIcon } = {
  active: { id: 'eye', color: 'charts.green' },
  triggered: { id: 'zap', color: 'charts.yellow' },
  paused: { id: 'debug-pause', color: 'charts.orange' },
  completed: { id: 'pass', color: 'charts.blue' },
  disabled: { id: 'eye-closed', color: 'charts.red' },
  static: { id: 'history', color: 'charts.purple' },
};

/** The row of one watcher: `loss · active · 7 matches · 1 trigger`. */
export function watcherNode(job: JobInfo, watcher: WatcherInfo): TreeNode {
  const { name, state, reason } = watcher;
  const why = state === 'active' || state === 'triggered' ? undefined : reason;
  return {
    id: `watcher:${job.key}:${name}`,
    subject: { kind: 'watcher', job: job.key, watcher: name },
    label: plainLine(name, 80),
    description: [why ? `${state} (${why})` : state, ...counts(watcher)]
      .map((part) => plainLine(part, 120))
      .join(' · '),
    icon: icons[state],
    tooltip: () => tooltip(watcher),
    contextValue: contextWords(job, watcher).join(' '),
    expansion: 'none',
  };
}

/** What a person may do to it; the engine has the last word. */
function contextWords(job: JobInfo, { state }: WatcherInfo): readonly string[] {
  if (job.logEnded) return ['watcher', 'runnable'];
  const may = {
    active: ['pausable', 'triggerable', 'stoppable'],
    triggered: ['pausable', 'triggerable', 'stoppable'],
    paused: ['resumable', 'triggerable', 'stoppable'],
    completed: ['resumable'],
    disabled: ['resumable', 'stoppable'],
    static: [],
  }[state];
  return ['watcher', 'editable', ...may];
}

function counts({ matchCount, triggerCount, failures }: WatcherInfo): readonly string[] {
  const failed = failures === 0 ? [] : [`${failures} failed in a row`];
  return [
    `${matchCount} ${matchCount === 1 ? 'match' : 'matches'}`,
    `${triggerCount} ${triggerCount === 1 ? 'trigger' : 'triggers'}`,
    ...failed,
  ];
}

function tooltip(watcher: WatcherInfo): string {
  const captures = Object.entries(watcher.captures).map(([name, text]) => fieldLine(name, text));
  const lines = [
    fieldLine('State', watcher.state),
    fieldLine('Why', watcher.reason),
    fieldLine('Counts', counts(watcher).join(', ')),
    ...captures,
  ];
  return `**Watcher** ${inlineCode(watcher.name)}\n\n${joinLines(lines)}`;
}
