/** Watchers of a job as rows of the jobs tree. */
import type { JobInfo, WatcherInfo, WatcherState } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import type { NodeIcon, TreeNode } from '../jobs/tree-node.ts';
import { matchesInWords, triggersInWords } from '../text/counts.ts';
import { fieldLine, inlineCode, joinLines } from '../text/markdown.ts';
import { plainLine } from '../text/plain-text.ts';
import { watcherStates } from '../text/state-words.ts';

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
    description: [why ? `${watcherStates[state]} (${why})` : watcherStates[state], ...counts(watcher)]
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
  const failed = failures === 0 ? [] : [l10n.t('{0} failed in a row', failures)];
  return [matchesInWords(matchCount), triggersInWords(triggerCount), ...failed];
}

function tooltip(watcher: WatcherInfo): string {
  const captures = Object.entries(watcher.captures).map(([name, text]) => fieldLine(name, text));
  const lines = [
    fieldLine(l10n.t('State'), watcherStates[watcher.state]),
    fieldLine(l10n.t('Why'), watcher.reason),
    fieldLine(l10n.t('Counts'), counts(watcher).join(', ')),
    ...captures,
  ];
  return `**${l10n.t('Watcher')}** ${inlineCode(watcher.name)}\n\n${joinLines(lines)}`;
}
