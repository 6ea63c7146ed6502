/** Options of a `submit` step as arguments of the scheduler. */
import { parseDuration } from '../../language/watcher/read-scalar.ts';

type Texts = { readonly [name: string]: string };

/** By the scheduler's long names, or a letter. */
export function submitOptions(scheduler: string | undefined, options: Texts): string[] {
  return Object.entries(options).map(([name, value]) => {
    const dashes = name.length === 1 ? `-${name}` : `--${name.replaceAll('_', '-')}`;
    const text = scheduler !== 'flux' && name === 'time' ? slurmTime(value) : value;
    return name.length === 1 ? `${dashes}${text}` : `${dashes}=${text}`;
  });
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
