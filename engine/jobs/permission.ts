/** What a person allows for good who answers "always" to a command: this command of this watcher in this script. Pure. */
import { createHash } from 'node:crypto';
import type { WatcherSpec } from '../../language/watcher/spec.ts';
import type { JobRecord } from '../store/records.ts';

/**
 * The script alone does not tell it: watchers come from elsewhere too (`--with`, an edit). `undefined` where the script is not
 * known, as of many jobs that were submitted elsewhere: nothing is allowed for good then.
 */
export function permissionKey(
  { scriptHash, templateHash = scriptHash }: Pick<JobRecord, 'scriptHash' | 'templateHash'>,
  spec: WatcherSpec | undefined,
  position: number,
): string | undefined {
  const action = spec?.actions[position];
  if (templateHash === '' || !spec || !action) return undefined;
  const { name, pattern = null, captures, condition = null, outputType } = spec;
  const watcher = [
    name,
    pattern,
    captures,
    condition,
    outputType,
    action.name,
    action.params,
    action.condition ?? null,
  ];
  return createHash('sha256')
    .update(JSON.stringify([templateHash, watcher]))
    .digest('hex');
}
