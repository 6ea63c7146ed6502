/** Finds an option of sbatch by what was written, as getopt_long(3) does: exact, an alias, or an abbreviation that only one option has. */
import { type OptionInfo, slurmOptionAliases, slurmOptions } from './slurm-options.ts';

const byName = new Map(slurmOptions.map((option) => [option.name, option]));
const byShort = new Map(slurmOptions.flatMap((option) => (option.short ? [[option.short, option] as const] : [])));

export function findLongOption(name: string): OptionInfo | undefined {
  const exact = byName.get(name) ?? byName.get(slurmOptionAliases[name] ?? '');
  if (exact || name === '') return exact;
  const candidates = slurmOptions.filter((option) => option.name.startsWith(name));
  return candidates.length === 1 ? candidates[0] : undefined;
}

export function findShortOption(letter: string): OptionInfo | undefined {
  return byShort.get(letter);
}

/** Long and short forms, for completion. */
export function spellingsOf(option: OptionInfo): readonly string[] {
  return option.short ? [`--${option.name}`, `-${option.short}`] : [`--${option.name}`];
}
