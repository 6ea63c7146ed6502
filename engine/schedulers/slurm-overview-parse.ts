/** Reads what Slurm's commands print of its load, of one user's share and limits, and of maintenance to come. Pure. */
import type {
  AccountLimits,
  FreeOfTotal,
  MaintenanceNotice,
  ShareFacts,
} from '../../language/directives/cluster-facts.ts';
import { parseTimeLimit } from '../../language/directives/values.ts';

/** For `sinfo --Format`: one line for all nodes of a partition that are alike in these. */
export const sinfoGresFormat = 'PartitionName:|,Nodes:|,StateLong:|,Gres:|,GresUsed:|';

/** States in which a node takes jobs; its marks (`idle~`: powered down, `mixed-`: planned) are taken off before. */
const takesJobs = /^(?:idle|mixed)$/;

/** GPUs of each partition that has some. Those of nodes that take no jobs count as not free. */
export function parseGpus(stdout: string): Map<string, FreeOfTotal> {
  const gpus = new Map<string, FreeOfTotal>();
  for (const line of stdout.split('\n')) {
    const [name = '', nodes = '', state = '', gres = '', used] = line.split('|');
    if (used === undefined || !/^\d+$/.test(nodes)) continue;
    const perNode = gpuCount(gres);
    if (perNode === 0) continue;
    const known = gpus.get(name) ?? { free: 0, total: 0 };
    const free = takesJobs.test(state.replace(/[^a-z_].*$/, '')) ? Math.max(0, perNode - gpuCount(used)) : 0;
    gpus.set(name, { free: known.free + free * Number(nodes), total: known.total + perNode * Number(nodes) });
  }
  return gpus;
}

/** Of `gpu:a100:4(S:0-1),gpu:v100:2,nvme:1`: 6. */
function gpuCount(gres: string): number {
  // What stands in parentheses has commas too: sockets, indices.
  const items = gres.replace(/\([^)]*\)/g, '').split(',');
  return items
    .filter((item) => /^gpu(?::|$)/.test(item))
    .reduce((sum, item) => sum + Number(/:(\d+)$/.exec(item)?.[1] ?? 1), 0);
}

export const shareFormat = 'account,user,rawshares,normshares,rawusage,effectvusage,fairshare';

/** Of `sshare --parsable2 --users=NAME --format=…`: the lines of users, not those of the accounts above them. */
export function parseShares(stdout: string): ShareFacts[] {
  return stdout
    .split('\n')
    .map((line) => line.split('|').map((field) => field.trim()))
    .filter(([account, user, ...rest]) => account && user && rest.length >= 5)
    .map(([account = '', , , share = '', , usage = '', fairShare = '']) => ({
      account,
      ...fraction('share', share),
      ...fraction('usage', usage),
      ...fraction('fairShare', fairShare),
    }));
}

function fraction<Key extends string>(key: Key, text: string): { readonly [name in Key]?: number } {
  return /^\d+(\.\d+)?$/.test(text) ? ({ [key]: Number(text) } as { [name in Key]: number }) : {};
}

/** Columns of `sacctmgr show assoc` after those that name the association. */
export const limitColumns = 'maxjobs,maxsubmit,maxwall,maxtres,grpjobs,grpsubmit,grptres,grptresmins';

/** `undefined`: it has none. */
export function parseLimits(partition: string, fields: readonly string[]): AccountLimits | undefined {
  const [maxJobs = '', maxSubmit = '', maxWall = '', maxTres = '', ...group] = fields.map((field) => field.trim());
  const [groupJobs = '', groupSubmit = '', groupTres = '', groupTresMinutes = ''] = group;
  const seconds = maxWall === '' ? undefined : parseTimeLimit(maxWall);
  const limits = {
    ...count('maxJobs', maxJobs),
    ...count('maxSubmitted', maxSubmit),
    ...(seconds !== undefined && Number.isFinite(seconds) && { maxWallSeconds: seconds }),
    ...text('maxResourcesPerJob', maxTres),
    ...count('groupJobs', groupJobs),
    ...count('groupSubmitted', groupSubmit),
    ...text('groupResources', groupTres),
    ...text('groupResourceMinutes', groupTresMinutes),
  };
  if (Object.keys(limits).length === 0) return undefined;
  return { ...(partition !== '' && { partition }), ...limits };
}

function count<Key extends string>(key: Key, field: string): { readonly [name in Key]?: number } {
  return /^\d+$/.test(field) ? ({ [key]: Number(field) } as { [name in Key]: number }) : {};
}

function text<Key extends string>(key: Key, field: string): { readonly [name in Key]?: string } {
  return field === '' ? {} : ({ [key]: field } as { [name in Key]: string });
}

/** Of `scontrol --oneliner show reservation`: those with the flag MAINT, the next one first. */
export function parseMaintenance(stdout: string): MaintenanceNotice[] {
  return stdout
    .split('\n')
    .map((line) => new Map([...line.matchAll(/(\S+?)=(\S*)/g)].map(([, key = '', value = '']) => [key, value])))
    .filter((fields) => fields.get('Flags')?.split(',').includes('MAINT'))
    .flatMap((fields) => {
      const [start, end] = [time(fields.get('StartTime')), time(fields.get('EndTime'))];
      if (start === undefined || end === undefined) return [];
      return {
        name: fields.get('ReservationName') ?? '',
        start,
        end,
        nodes: fields.get('Nodes') ?? '',
        ...(fields.get('Flags')?.split(',').includes('ALL_NODES') && { isWholeCluster: true }),
      };
    })
    .sort((a, b) => a.start - b.start);
}

/** `SLURM_TIME_FORMAT=%s` is heeded by all versions but some plugins; else it is ISO, in UTC (`TZ=UTC`). */
function time(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value);
  const parsed = Date.parse(`${value}Z`);
  return Number.isNaN(parsed) ? undefined : parsed / 1000;
}
