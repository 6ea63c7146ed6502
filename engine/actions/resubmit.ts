/** `resubmit(modifications, cancel_original)`: the stored script once more, as a job of the same lineage. */
import { createHash } from 'node:crypto';
import { findLongOption, findShortOption } from '../../language/directives/option-lookup.ts';
import { slurmOptionAliases } from '../../language/directives/slurm-options.ts';
import type { JsonValue } from '../protocol.ts';
import type { ActionIntent } from '../store/records.ts';
import { type Action, done, failed } from './action.ts';

export const resubmit: Action = async (intent, host) => {
  const { modifications, delay } = intent.params;
  if (delay !== undefined && delay !== null)
    return failed('resubmit with a delay is not performed by this version of Vigil');
  const translated = optionsOf(modifications ?? {});
  if (typeof translated === 'string') return failed(translated);
  const submitKey = keyOf(host.job.key, intent);
  if (!host.takeResubmit(submitKey)) return failed('no resubmits remain (remaining_resubmits)');
  const key = await host.resubmit(submitKey, translated);
  const cancelOriginal = intent.params.cancel_original ?? intent.params.cancel_previous ?? true;
  if (cancelOriginal === true) await host.cancel(undefined, `resubmitted as ${key}`);
  return done(`resubmitted as ${key}`);
};

/** The same for each try of the same intent, so that a submission whose reply was lost is found again. */
function keyOf(job: string, intent: ActionIntent): string {
  const text = JSON.stringify([job, intent.watcher, intent.trigger, intent.position]);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** Section 8: an option of the scheduler overrides the directive, any other key is exported to the job; a problem as text. */
function optionsOf(modifications: JsonValue): string[] | string {
  if (modifications === null || typeof modifications !== 'object' || Array.isArray(modifications)) {
    return 'modifications must be a map such as {"mem": "32G"}';
  }
  const options: string[] = [];
  const exported: string[] = [];
  for (const [key, value] of Object.entries(modifications)) {
    if (value === null || typeof value === 'object') return `the modification ${key} must be a text or a number`;
    const text = String(value);
    if (/^\s*[*+]/.test(text))
      return `the relative modification ${key}: ${text} is not performed by this version of Vigil`;
    const known = optionNamed(key);
    if (known) options.push(`--${known}=${text}`);
    else exported.push(`${key.toUpperCase().replaceAll('-', '_')}=${text}`);
  }
  if (exported.some((item) => item.includes(',')))
    return 'a value that is exported to the job may not hold a comma (sbatch --export)';
  return exported.length > 0 ? [...options, `--export=${['ALL', ...exported].join(',')}`] : options;
}

/** The long name of the scheduler's option that `key` names in full, long (`cpus_per_task` too) or short (`c`). */
function optionNamed(key: string): string | undefined {
  if (key.length === 1) return findShortOption(key)?.name;
  const name = key.replaceAll('_', '-');
  const found = findLongOption(name)?.name;
  // An abbreviation is no option here: `image` may well be a variable of the script's.
  return found === name || (found !== undefined && slurmOptionAliases[name] === found) ? found : undefined;
}
