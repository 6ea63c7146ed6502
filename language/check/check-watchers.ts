/** Checks of all watchers of a script together: names, and how many there are. */

import type { ClusterFacts } from '../directives/cluster-facts.ts';
import type { CommandPolicy } from '../lint/action-lints.ts';
import type { PathProvider } from '../lint/job-options.ts';
import { type Problem, problem } from '../problem/problem.ts';
import type { ScriptDocument } from '../script/parse-script.ts';
import * as l10n from '../text/l10n.ts';
import type { Checkers } from '../watcher/checkers.ts';
import { type ReadWatcher, readWatcher, watcherName } from '../watcher/read-watcher.ts';

export interface CheckOptions {
  /** How many watchers a job may have. */
  readonly maxWatchers?: number;
  /** Whose directives are checked; `auto`: those of every scheduler that the script has directives of. */
  readonly scheduler?: SchedulerChoice;
  /** What checks patterns and conditions; checkers that remember save time where scripts are checked again and again. */
  readonly checkers?: Checkers;
  /** Of the cluster that the script is for, where they are known. */
  readonly facts?: ClusterFacts;
  /** What is known of the directories beside the script; without it nothing is said of them. */
  readonly paths?: PathProvider;
  /** Which commands the settings let `run_command` run; without it nothing is said of them. */
  readonly commandPolicy?: CommandPolicy;
}

export const schedulerChoices = ['auto', 'slurm', 'flux', 'pbs', 'lsf', 'sge'] as const;

export type SchedulerChoice = (typeof schedulerChoices)[number];

const defaultMaxWatchers = 10;

export function readWatchers(
  document: ScriptDocument,
  options: CheckOptions,
): { readonly watchers: readonly ReadWatcher[]; readonly problems: readonly Problem[] } {
  const names = document.watchers.map(watcherName);
  const watchers = document.watchers.map((node) => readWatcher(node, names, options.checkers));
  const problems = watchers.flatMap((watcher) => watcher.problems);
  const maxWatchers = options.maxWatchers ?? defaultMaxWatchers;
  watchers.forEach(({ node }, index) => {
    const name = names[index] ?? '';
    const first = names.indexOf(name);
    if (first < index) {
      const span = node.properties.find(({ info }) => info?.name === 'name')?.value.span ?? node.keywordSpan;
      const line = (document.watchers[first]?.line ?? 0) + 1;
      problems.push(
        problem('watcher/duplicate-name', span, l10n.t('The watcher on line {0} is called `{1}` too.', line, name)),
      );
    }
    if (index >= maxWatchers) {
      problems.push(
        problem(
          'watcher/too-many',
          node.keywordSpan,
          l10n.t('A job has at most {0} watchers; this is number {1}.', maxWatchers, index + 1),
        ),
      );
    }
  });
  return { watchers, problems };
}
