/** Options and environment of a `submit` step as arguments of the scheduler. */
import { parseDuration } from '../../language/watcher/read-scalar.ts';
import { StepFailure } from './perform.ts';

type Texts = { readonly [name: string]: string };

/** Throws `StepFailure` for what the scheduler has no way to take. */
export function submitOptions(scheduler: string | undefined, options: Texts, env: Texts): string[] {
  const given = Object.entries(options).map(([name, value]) => {
    const dashes = name.length === 1 ? `-${name}` : `--${name.replaceAll('_', '-')}`;
    const text = scheduler !== 'flux' && name === 'time' ? slurmTime(value) : value;
    return name.length === 1 ? `${dashes}${text}` : `${dashes}=${text}`;
  });
  return [...given, ...(scheduler === 'flux' ? fluxEnv(env) : slurmEnv(env))];
}

function fluxEnv(env: Texts): string[] {
  return Object.entries(env).map(([name, value]) => `--env=${name}=${value}`);
}

function slurmEnv(env: Texts): string[] {
  const pairs = Object.entries(env);
  if (pairs.length === 0) return [];
  const odd = pairs.find(([, value]) => value.includes(','));
  if (odd) throw new StepFailure('failed', `the variable ${odd[0]} may not hold a comma (sbatch --export)`);
  return [`--export=${['ALL', ...pairs.map(([name, value]) => `${name}=${value}`)].join(',')}`];
}

/** `4h` as sbatch(1) takes it; what is written in its own way stays. */
function slurmTime(value: string): string {
  const seconds = /^\d+[smhd]$/.test(value) ? parseDuration(value) : undefined;
  if (seconds === undefined) return value;
  const two = (number: number) => String(number).padStart(2, '0');
  const clock = `${two(Math.floor(seconds / 3600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  const days = Math.floor(seconds / 86_400);
  return days > 0 ? `${days}-${clock}` : clock;
}
