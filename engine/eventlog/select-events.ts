/** Which events of a log somebody asks for: by name, by context. Pure. */
import type { JsonValue } from '../protocol.ts';
import type { LoggedEvent } from './rfc18.ts';

/**
 * A test for names from a glob as glob(7) has it (`*`, `?`, `[a-c]`, `[!x]`); a name without such characters is matched
 * exactly. An unclosed bracket stands for itself.
 */
export function nameTest(glob: string): (name: string) => boolean {
  if (!/[*?[]/.test(glob)) return (name) => name === glob;
  const pattern = glob.replace(/\*+|\?|\[(!?)(\]?[^\]]*)\]|[\\^$.|+(){}[\]]/g, (part, not?: string, set?: string) => {
    if (part.startsWith('*')) return '.*';
    if (part === '?') return '.';
    if (set !== undefined) return `[${not ? '^' : ''}${set.replace(/[\\\]^[]/g, '\\$&')}]`;
    return `\\${part}`;
  });
  const regex = new RegExp(`^${pattern}$`, 's');
  return (name) => regex.test(name);
}

/** `KEY=VALUE` of `--match-context`; undefined where there is no `=`. */
export function parseContextTest(text: string): readonly [string, string] | undefined {
  const at = text.indexOf('=');
  return at > 0 ? [text.slice(0, at), text.slice(at + 1)] : undefined;
}

/** As flux-job(1): a string is compared as it is, everything else as compact JSON. All pairs must hold. */
export function matchesContext(event: LoggedEvent, pairs: Iterable<readonly [string, string]>): boolean {
  for (const [key, wanted] of pairs) {
    const { context = {} } = event;
    if (!Object.hasOwn(context, key)) return false;
    const value: JsonValue | undefined = context[key];
    if ((typeof value === 'string' ? value : JSON.stringify(value)) !== wanted) return false;
  }
  return true;
}
