/** `vigil run --dry-run`: what a workflow would do, with no engine and no effect. */
import { type DryStep, dryRun } from '../engine/workflows/dry-run.ts';
import { runInput } from '../engine/workflows/run-params.ts';
import type { Io } from './io.ts';
import { readRunArguments } from './run-arguments.ts';
import { printable } from './table.ts';

export async function runDryRun(argv: readonly string[], io: Io): Promise<number> {
  const { format, ...params } = await readRunArguments(argv, io);
  const { spec, ...run } = runInput(params);
  const steps = dryRun(spec, run);
  if (format === 'json') io.stdout(`${JSON.stringify({ ...run, steps }, null, 2)}\n`);
  else {
    const given = Object.entries(run.params).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    io.stdout(`${printable(`${run.name} on ${run.cluster}: nothing is done. ${given.join(' ')}`).trimEnd()}\n`);
    for (const step of steps) io.stdout(`${printable(lineOf(step, run.cluster))}\n`);
  }
  return 0;
}

function lineOf(step: DryStep, cluster: string): string {
  const { key, verb, isCleanup, needs, args, env, condition, items, attempts, triggerRule } = step;
  const [only, ...more] = Object.values(args);
  const what = more.length === 0 && typeof only === 'string' ? only : JSON.stringify(args);
  const notes = [
    isCleanup ? 'at the end, whatever happened' : undefined,
    condition === false ? 'skipped: its condition does not hold' : condition && `if ${condition}`,
    triggerRule,
    items === undefined ? undefined : `${items} times`,
    attempts > 1 ? `up to ${attempts} attempts` : undefined,
    step.cluster === cluster ? undefined : `on ${step.cluster}`,
    Object.keys(env).length > 0 ? `env ${JSON.stringify(env)}` : undefined,
  ].filter((note) => note !== undefined);
  const after = needs.length > 0 ? `  after ${needs.join(', ')}` : '';
  return `  ${key}  ${verb} ${what}${after}${notes.length > 0 ? `  (${notes.join('; ')})` : ''}`;
}
