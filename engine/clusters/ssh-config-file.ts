/** Reads an ssh_config(5) file with what it includes, for listing its hosts and where there is no ssh program to ask. */
import { readdir, readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, sep } from 'node:path';
import SSHConfig, { type Directive, type Line, type Section } from 'ssh-config';
import type { SshOptions } from './ssh-target.ts';

/** ssh(1) gives up at this depth, too. */
const maxIncludeDepth = 16;

/** The configuration with every `Include` replaced by what it names. A file that is not there counts as empty. */
export async function readSshConfig(file: string, home: string, depth = 0): Promise<SSHConfig> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return new SSHConfig();
    throw error;
  }
  return resolveIncludes(SSHConfig.parse(text), home, depth);
}

async function resolveIncludes(config: SSHConfig, home: string, depth: number): Promise<SSHConfig> {
  const resolved = new SSHConfig();
  for (const line of config) {
    if (isSection(line)) {
      const inner = await resolveIncludes(line.config, home, depth);
      // Hosts of a file included inside a section follow it: for `Host *`, the usual case, that is what ssh does.
      const plain = new SSHConfig();
      plain.push(...inner.filter((each) => !isSection(each)));
      resolved.push({ ...line, config: plain }, ...inner.filter(isSection));
    } else if (isDirective(line) && line.param.toLowerCase() === 'include') {
      if (depth >= maxIncludeDepth) throw new Error(`more than ${maxIncludeDepth} files include each other`);
      for (const pattern of wordsOf(line.value)) {
        for (const path of await expandGlob(absolutePattern(pattern, home))) {
          resolved.push(...(await readSshConfig(path, home, depth + 1)));
        }
      }
    } else if (!(isDirective(line) && line.param.toLowerCase() === 'canonicalizehostname')) {
      // The library would run nslookup for that one, and wait for it.
      resolved.push(line);
    }
  }
  return resolved;
}

/** The names after `Host` that stand for one host: no wildcards, no negations. In the order of the file. */
export function concreteHosts(config: SSHConfig): readonly string[] {
  const names = config
    .filter(isSection)
    .filter((section) => section.param.toLowerCase() === 'host')
    .flatMap((section) => wordsOf(section.value));
  return [...new Set(names.filter((name) => !/[*?!]/.test(name)))];
}

/** What the file says about `host`, as `ssh -G` would. `Match exec` never runs: such a section does not apply. */
export function optionsFor(config: SSHConfig, host: string, user: string | undefined): SshOptions {
  const values = config.compute(
    { Host: host, ...(user !== undefined && { User: user }) },
    { ignoreCase: true, matchExec: false },
  );
  return new Map(Object.entries(values).map(([name, value]) => [name, valuesOf(name, value)]));
}

/** Options whose one value is a list of words; a path in them may be in quotes. */
const listOptions = new Set(['userknownhostsfile', 'globalknownhostsfile']);

function valuesOf(name: string, value: string | string[]): readonly string[] {
  if (typeof value !== 'string') return value;
  return listOptions.has(name) ? splitWords(value) : [value];
}

/** Words separated by spaces; double quotes keep spaces. */
export function splitWords(text: string): readonly string[] {
  return Array.from(text.matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, plain]) => quoted ?? plain ?? '');
}

function wordsOf(value: Directive['value']): readonly string[] {
  return typeof value === 'string' ? splitWords(value) : value.map(({ val }) => val);
}

function isDirective(line: Line): line is Directive {
  return line.type === SSHConfig.DIRECTIVE;
}

function isSection(line: Line): line is Section {
  return isDirective(line) && 'config' in line;
}

/** ssh_config(5), Include: relative paths are below ~/.ssh, whichever file they stand in. */
function absolutePattern(pattern: string, home: string): string {
  if (pattern.startsWith('~/')) return join(home, pattern.slice(2));
  return isAbsolute(pattern) ? pattern : join(home, '.ssh', pattern);
}

/** The existing paths that a glob(7) of `*`, `?` and `[…]` names, sorted as glob(3) does. */
async function expandGlob(pattern: string): Promise<readonly string[]> {
  if (!/[*?[]/.test(pattern)) return [pattern];
  const parent = dirname(pattern);
  const expression = globExpression(pattern.slice(parent.endsWith(sep) ? parent.length : parent.length + 1));
  const found: string[] = [];
  for (const folder of await expandGlob(parent)) {
    const names = await readdir(folder).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    found.push(...names.filter((name) => expression.test(name)).map((name) => join(folder, name)));
  }
  return found.sort();
}

function globExpression(glob: string): RegExp {
  const source = glob.replace(/\[!?[^\]]+\]|[*?]|[^*?[\w]|\[/g, (part) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    if (part.length > 1) return part.replace('[!', '[^').replaceAll('\\', '\\\\');
    return `\\${part}`;
  });
  // A leading dot is not matched by a wildcard.
  return new RegExp(`^${/^[*?[]/.test(glob) ? '(?!\\.)' : ''}${source}$`, 's');
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
