/** The launch recipes of ssync, `.ssync/<folder>/<name>.yaml`: their folders, keys, and which keys name other files. */
import * as l10n from '../text/l10n.ts';

const recipeFolders = ['recipes', 'workflows', 'partitions', 'hosts', 'envs', 'watchers'] as const;

export type RecipeFolder = (typeof recipeFolders)[number];

/** Which of the folders a path or URI lies in; undefined: it is no recipe file. */
export function recipeFolder(path: string): RecipeFolder | undefined {
  const name = /(?:^|[\\/])\.ssync[\\/](\w+)[\\/][^\\/]+\.ya?ml$/.exec(path)?.[1];
  return recipeFolders.find((folder) => folder === name);
}

export interface RecipeKey {
  readonly name: string;
  readonly doc: l10n.LaterText;
  /** Its value is the name of a file of this folder, or a list of such names. */
  readonly names?: RecipeFolder;
}

const recipeKeys: readonly RecipeKey[] = [
  { name: 'extends', names: 'workflows', doc: l10n.later('The workflow whose keys hold where this file has none.') },
  { name: 'workflow', names: 'workflows', doc: l10n.later('Another word for `extends`.') },
  { name: 'host', doc: l10n.later('The host that the job is submitted to.') },
  { name: 'host_partition', names: 'partitions', doc: l10n.later('The profile of a host and its partition.') },
  {
    name: 'env',
    names: 'envs',
    doc: l10n.later('What is set up on the compute node before `run`: a profile, or its keys.'),
  },
  { name: 'prepare', doc: l10n.later('Scripts for the login node, before the job is submitted: `scripts`, `vars`.') },
  { name: 'run', doc: l10n.later('The script of the job: `script`, `vars`.') },
  { name: 'watchers', names: 'watchers', doc: l10n.later('Watcher policies that become blocks of the script.') },
  { name: 'vars', doc: l10n.later('Variables that the script exports.') },
  { name: 'sbatch', doc: l10n.later('Options of the submission.') },
  { name: 'job_name', doc: l10n.later('The name of the job.') },
  { name: 'source_dir', doc: l10n.later('The directory that is copied to the host.') },
  { name: 'python_env', doc: l10n.later('A command that sets up Python on the login node.') },
  ...'account constraint error gpus_per_node gres mem nodes ntasks_per_node output partition time'
    .split(' ')
    .map((name) => ({ name, doc: l10n.later('As `{0}` of `sbatch`.', name) })),
];

const envKeys: readonly RecipeKey[] = [
  { name: 'vars', doc: l10n.later('Variables that are exported before the scripts.') },
  { name: 'scripts', doc: l10n.later('The scripts, in order.') },
  { name: 'script', doc: l10n.later('The one script.') },
];

/** Watcher policies have the properties of watchers. */
export function keysOf(folder: Exclude<RecipeFolder, 'watchers'>): readonly RecipeKey[] {
  return folder === 'envs' ? envKeys : recipeKeys;
}

export const sbatchKeys: readonly string[] =
  'job_name partition account constraint gres qos dependency output error cpus mem time nodes ntasks_per_node gpus_per_node'.split(
    ' ',
  );

/** ssync takes whole numbers only; `mem` is in GiB, `time` in minutes. */
export const integerKeys: ReadonlySet<string> = new Set(['cpus', 'mem', 'nodes', 'ntasks_per_node', 'gpus_per_node']);
