/** `submit(script, options, env, dependency)`: another script, once. */
import { interpolate } from '../../language/template/interpolate.ts';
import type { JsonValue } from '../protocol.ts';
import type { ActionIntent } from '../store/records.ts';
import { type Action, type ActionHost, done, failed, textParam } from './action.ts';
import { isLoaderName, isLoaderOption, notPlain, printedIn } from './plain-word.ts';

const longestScriptBytes = 4 * 1024 * 1024;
const kinds = ['after', 'afterany', 'afterok', 'afternotok', 'aftercorr', 'afterburstbuffer'];

export const submit: Action = async (intent, host) => {
  const path = textParam(intent, 'script') ?? '';
  if (path === '' || path.includes('\0')) return failed('no script is named');
  const oddPath = pathProblem(path, intent, host);
  if (oddPath) return failed(oddPath);
  const options = filledOptions(intent, host);
  if (typeof options === 'string') return failed(options);
  const env = environmentOf(intent.params.env ?? null);
  if (typeof env === 'string') return failed(env);
  const loader = Object.entries(intent.written?.env ?? {}).find(
    ([name, value]) => isLoaderName(name) && printedIn(value, intent, host).size > 0,
  );
  if (loader) return failed(`env: ${loader[0]} decides what runs: it may not hold what a job printed`);
  const dependency = dependencyOf(textParam(intent, 'dependency'), host);
  if (dependency.problem !== undefined) return failed(dependency.problem);
  const script = await readScript(path, host);
  if (script.problem !== undefined) return failed(script.problem);
  const key = await host.submit({
    key: host.key,
    path,
    script: script.text,
    env,
    options: [...options, ...(dependency.spec === undefined ? [] : [`--dependency=${dependency.spec}`])],
  });
  return done(`submitted ${path} as ${key}`);
};

/** What a job printed names a file in a folder that the script names, and leads out of none. */
function pathProblem(path: string, intent: ActionIntent, host: ActionHost): string | undefined {
  const written = intent.written?.script;
  if (typeof written !== 'string') return undefined;
  const printed = printedIn(written, intent, host);
  const steps = (text: string) => text.split('/').filter((step) => step === '..').length;
  if (printed.size > 0 && ([...printed.values()].some((value) => value.includes('..')) || steps(path) > steps(written)))
    return `script: ${JSON.stringify(path)} leads out of its folder by what the job printed`;
  return notPlain('the path of a script', printed);
}

/** Split and checked as they are written: what a job printed is a value in one of them, and neither begins one nor ends it. */
function filledOptions(intent: ActionIntent, host: ActionHost): string[] | string {
  const { written, variables = {} } = intent;
  if (written?.options === undefined) return optionsOf(intent.params.options ?? null);
  const problem = notPlain('an option', printedIn(written.options, intent, host));
  if (problem) return problem;
  const options = optionsOf(written.options);
  if (typeof options === 'string') return options;
  for (const option of options) {
    const printed = printedIn(option, intent, host);
    if (printed.size === 0) continue;
    if (!/^(?:--[A-Za-z][\w-]*=|-[A-Za-z])/.test(option))
      return `${JSON.stringify(option)}: a captured value may only stand behind the name of an option, "--time=\${t}"`;
    if (isLoaderOption(option))
      return `${JSON.stringify(option)} decides what runs: it may not hold what a job printed`;
  }
  return options.map((option) => interpolate(option, (name) => variables[name]));
}

type Read = { readonly text: string; readonly problem?: undefined } | { readonly problem: string };

/** On the cluster, seen from the job's directory; where it is not there, beside the script on the machine that it came from. */
async function readScript(path: string, host: ActionHost): Promise<Read> {
  const connection = await host.connection();
  const workdir = host.job.workdir ?? '~';
  const inHome = path.startsWith('~/');
  const read = await connection.exec(['cat', '--', inHome ? path.slice(2) : path], {
    cwd: inHome ? '~' : workdir,
    maxOutputBytes: longestScriptBytes,
  });
  if (read.status === 0) return { text: read.stdout };
  const beside = await host.readBesideScript(path);
  if (beside !== undefined) return { text: beside };
  const why = read.status === 125 ? `${workdir} cannot be entered` : read.stderr.trim();
  return { problem: `${path} cannot be read on the cluster (from ${workdir}): ${why}` };
}

/** As options of the scheduler's command line; a problem as text. */
function optionsOf(options: JsonValue): string[] | string {
  if (options === null) return [];
  if (typeof options === 'object' && !Array.isArray(options)) {
    const written: string[] = [];
    for (const [name, value] of Object.entries(options)) {
      const bare = name.replace(/^--?/, '');
      if (!/^[A-Za-z][\w-]*$/.test(bare)) return `${JSON.stringify(name)} is not the name of an option`;
      if (value === null || typeof value === 'object') return `the option ${name} must be a text or a number`;
      if (value === false) continue;
      const long = bare.length > 1;
      const option = long ? `--${bare.replaceAll('_', '-')}` : `-${bare}`;
      written.push(value === true ? option : `${option}${long ? '=' : ''}${value}`);
    }
    return written;
  }
  const list = Array.isArray(options) ? options : String(options).trim().split(/\s+/);
  const odd = list.find((item) => typeof item !== 'string' || !/^--?[A-Za-z]/.test(item));
  if (odd !== undefined)
    return `${JSON.stringify(odd)} is not an option: options are a map, {"time": "2:00:00"}, or a list, ["--time=2:00:00"]`;
  return list as string[];
}

function environmentOf(env: JsonValue): { [name: string]: string } | string {
  if (env === null) return {};
  if (typeof env !== 'object' || Array.isArray(env)) return 'env must be a map such as {"LR": "0.1"}';
  const odd = Object.keys(env).find((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  if (odd !== undefined) return `${JSON.stringify(odd)} is not the name of an environment variable`;
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [
      name,
      (typeof value === 'string' ? value : JSON.stringify(value)).replaceAll('\0', '\ufffd'),
    ]),
  );
}

/** A kind alone (`afterok`) means this job. */
function dependencyOf(
  written: string | undefined,
  { job }: ActionHost,
): { readonly spec?: string; readonly problem?: string } {
  if (written === undefined || written.trim() === '') return {};
  const spec = kinds.includes(written.trim()) ? `${written.trim()}:${job.jobId}` : written.trim();
  // The scheduler knows its own forms; here only what cannot be one is told.
  return /^[A-Za-z_]+(?:[:,?+][\w*.+\u0192]+)*$/.test(spec)
    ? { spec }
    : { problem: `${JSON.stringify(written)} is not a dependency` };
}
