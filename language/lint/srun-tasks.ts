/** `srun -n 8` in a job that asked for fewer tasks: it is refused, or waits for ever, when the job has started at last. */

import { parseOptions } from '../directives/directive.ts';
import { type Problem, problem, replaceFix } from '../problem/problem.ts';
import * as l10n from '../text/l10n.ts';
import { countOf, linesWith, optionOf, type SlurmJob } from './slurm-job.ts';

/** Options with which the job has more processors than `--ntasks` says, so that nothing is known. */
const generous = ['exclusive', 'cpus-per-task', 'overcommit', 'oversubscribe', 'gpus', 'ntasks-per-gpu', 'mincpus'];

export function lintSrunTasks(job: SlurmJob): readonly Problem[] {
  const [component, ...others] = job.components;
  if (!component || others.length > 0 || !job.isShell) return [];
  if (generous.some((name) => optionOf(component, name))) return [];
  const perNode = countOf(component, 'ntasks-per-node');
  const nodes = countOf(component, 'nodes');
  const isRange = /-/.test(optionOf(component, 'nodes')?.value ?? '');
  const tasks = countOf(component, 'ntasks') ?? (perNode && nodes && !isRange ? perNode * nodes : undefined);
  if (tasks === undefined) return [];
  // A look at the whole text is cheap, one at the shell's grammar is not.
  if (!job.document.text.includes('srun') || job.shellText().unsure) return [];
  return linesWith('srun', job).flatMap(({ source, start }) => {
    if (!asksForMore(source, tasks)) return [];
    const match = /^\s*(?:\w+=\S*\s+)*(?:time\s+)?srun((?:\s+-[^\s|;&<>()`$"'\\]*(?:\s+\d+(?=\s|$))?)+)/.exec(source);
    if (!match) return [];
    const options = match[1] ?? '';
    const argv = options.trim().split(/\s+/);
    const given = parseOptions(argv);
    if (given.some(({ name }) => generous.includes(name) || name === 'jobid')) return [];
    const asked = Number(given.findLast(({ name }) => name === 'ntasks')?.value);
    if (!Number.isInteger(asked) || asked <= tasks) return [];
    const place = /(?:-n\s*|--ntasks(?:=|\s+))(\d+)/.exec(match[0]);
    if (!place) return [];
    const at = start + match.index + place.index + place[0].length;
    const span = { start: at - (place[1]?.length ?? 0), end: at };
    const words = l10n.t(
      'srun asks for {0} tasks, the job for {1} (line {2}).',
      asked,
      tasks,
      ((optionOf(component, 'ntasks') ?? optionOf(component, 'nodes'))?.directive.line ?? 0) + 1,
    );
    return [
      problem('script/srun-tasks', span, words, [replaceFix(l10n.t('Replace with `{0}`', tasks), span, String(tasks))]),
    ];
  });
}

/** Is there a count beyond `tasks` at all? Most lines need no closer look. */
function asksForMore(source: string, tasks: number): boolean {
  const count = /\s(?:-n\s*|--nt\w*(?:=|\s+))(\d+)/g;
  for (let match = count.exec(source); match; match = count.exec(source)) if (Number(match[1]) > tasks) return true;
  return false;
}
