/** Finds an option by what was written, as getopt_long(3) does: exact, an alias, or an abbreviation that only one option has. */
import type { OptionInfo } from './option-info.ts';
import { pluginOptions, removedSlurmOptions, slurmOptionAliases, slurmOptions } from './slurm-options.ts';

/** The options of one command. */
export class OptionTable {
  readonly options: readonly OptionInfo[];
  private readonly byName: ReadonlyMap<string, OptionInfo>;
  private readonly byShort: ReadonlyMap<string, OptionInfo>;
  private readonly aliases: { readonly [name: string]: string };

  constructor(options: readonly OptionInfo[], aliases: { readonly [name: string]: string } = {}) {
    this.options = options;
    this.byName = new Map(options.map((option) => [option.name, option]));
    this.byShort = new Map(options.flatMap((option) => (option.short ? [[option.short, option] as const] : [])));
    this.aliases = aliases;
  }

  exact(name: string): OptionInfo | undefined {
    const alias = Object.hasOwn(this.aliases, name) ? this.aliases[name] : undefined;
    return this.byName.get(name) ?? (alias === undefined ? undefined : this.byName.get(alias));
  }

  short(letter: string): OptionInfo | undefined {
    return this.byShort.get(letter);
  }

  /** Options that `name` may abbreviate; aliases stand for their option. */
  abbreviated(name: string): readonly OptionInfo[] {
    if (name === '') return [];
    const aliased = Object.entries(this.aliases).filter(([alias]) => alias.startsWith(name));
    const found = [
      ...this.options.filter((option) => option.name.startsWith(name)),
      ...aliased.flatMap(([, target]) => this.byName.get(target) ?? []),
    ];
    return [...new Set(found)];
  }

  long(name: string): OptionInfo | undefined {
    const exact = this.exact(name);
    if (exact) return exact;
    const [only, ...others] = this.abbreviated(name);
    return others.length === 0 ? only : undefined;
  }
}

export const slurmTable = new OptionTable(slurmOptions, slurmOptionAliases);

const plugins = new Map(pluginOptions.map((option) => [option.name, option]));

export function findLongOption(name: string): OptionInfo | undefined {
  const removed = Object.hasOwn(removedSlurmOptions, name) ? removedSlurmOptions[name] : undefined;
  return slurmTable.long(removed?.instead ?? name);
}

export function findShortOption(letter: string): OptionInfo | undefined {
  return slurmTable.short(letter);
}

/** An option that plugins of some sites bring. */
export function findPluginOption(name: string): OptionInfo | undefined {
  return plugins.get(name) ?? (name.startsWith('ear-') ? plugins.get('ear') : undefined);
}
