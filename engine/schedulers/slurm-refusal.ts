/** Which line of a script sbatch complains about, told from its words. Pure. */
import type { ScriptDocument } from '../../language/script/parse-script.ts';
import type { Span } from '../../language/text/span.ts';

/** What sbatch says of which option (Slurm 20.11 to 25.x; its messages are not numbered). */
const complaints: readonly (readonly [RegExp, readonly string[]])[] = [
  [/invalid partition|partition (name|is)|\bpartition\b.*(not available|inactive)/i, ['partition']],
  [/account\/partition|invalid account/i, ['account', 'partition']],
  [/\bqos\b/i, ['qos']],
  [/time limit|--time specification|walltime/i, ['time']],
  [/can't run \d+ processes on/i, ['nodes']],
  [/node count|nodes? .*not available|node configuration/i, ['nodes', 'ntasks', 'mem', 'constraint']],
  [/memory specification|\bmem(ory)?\b/i, ['mem', 'mem-per-cpu', 'mem-per-gpu']],
  [/processors|cpu count|cpus/i, ['cpus-per-task', 'ntasks', 'nodes']],
  [/generic resource|\bgres\b|\btres\b/i, ['gres', 'gpus', 'gpus-per-node', 'gpus-per-task']],
  [/feature/i, ['constraint']],
  [/dependency/i, ['dependency']],
  [/array/i, ['array']],
  [/reservation/i, ['reservation']],
  [/licenses?/i, ['licenses']],
  [/mail.type/i, ['mail-type']],
];

/** The span of the directive that `words` concern, if it can be told. */
export function locateRefusal(document: ScriptDocument, words: string): Span | undefined {
  const directives = document.directives.filter((directive) => directive.scheduler === 'slurm' && directive.effective);
  const options = directives.flatMap((directive) => directive.options);
  if (/does not look like a batch script|DOS line breaks/i.test(words))
    return { start: 0, end: endOfFirstLine(document.text) };

  const named = /--([a-z][a-z-]+)/.exec(words)?.[1];
  const letter = /invalid option -- '(.)'/.exec(words)?.[1];
  const own = options.find((option) => option.name === named || option.spelling === `-${letter}`);
  if (own) return own.span;
  for (const [pattern, names] of complaints) {
    if (!pattern.test(words)) continue;
    const option = names.map((name) => options.find((candidate) => candidate.name === name)).find(Boolean);
    if (option) return option.span;
  }
  return undefined;
}

function endOfFirstLine(text: string): number {
  const end = text.search(/[\r\n]/);
  return end < 0 ? text.length : end;
}
