/** The lints that save node hours: what is valid, and very likely not what was meant. */
import type { Directive } from '../directives/directive.ts';
import { type CommandPolicy, lintActions } from '../lint/action-lints.ts';
import { directiveNearMisses, lintForms } from '../lint/directive-forms.ts';
import { lintJobOptions, type PathProvider } from '../lint/job-options.ts';
import { slurmJob } from '../lint/slurm-job.ts';
import { lintSrunTasks } from '../lint/srun-tasks.ts';
import { lintWatchers } from '../lint/watcher-lints.ts';
import type { Problem } from '../problem/problem.ts';
import { isTemplate } from '../script/document-facts.ts';
import type { ScriptDocument } from '../script/parse-script.ts';
import type { ReadWatcher } from '../watcher/read-watcher.ts';

/** `directives` are those of the chosen scheduler. What a template will become is not known: nothing is said of it. */
export function checkLints(
  document: ScriptDocument,
  directives: readonly Directive[],
  watchers: readonly ReadWatcher[],
  known: { readonly paths?: PathProvider; readonly commandPolicy?: CommandPolicy },
): readonly Problem[] {
  const isUnknown = isTemplate(document);
  const job = isUnknown ? undefined : slurmJob(document, directives);
  const ofWatchers = [
    ...lintWatchers(document, watchers, job),
    ...lintActions(document, watchers, known.commandPolicy),
  ];
  if (isUnknown) return ofWatchers;
  const nearMisses = directiveNearMisses(document);
  if (!job) return [...ofWatchers, ...nearMisses];
  return [...ofWatchers, ...nearMisses, ...lintForms(job), ...lintJobOptions(job, known.paths), ...lintSrunTasks(job)];
}
