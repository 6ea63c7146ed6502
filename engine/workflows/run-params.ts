/** The file of a run and its parameters, read. Pure. */
import { basename } from 'node:path';
import { parseWorkflow } from '../../language/workflow/parse-workflow.ts';
import { bindWorkflow, type WorkflowSpec } from '../../language/workflow/spec.ts';
import type { RunLabels, StartRunParams } from '../protocol/workflows.ts';
import type { JsonValue } from '../protocol.ts';
import { type FilePlace, fileAt, placeOf, placeWords } from './file-place.ts';
import type { RunInput } from './run-store.ts';

export class InvalidWorkflowError extends Error {}

/** Throws `InvalidWorkflowError` when the file has errors. */
export function specOf(file: FilePlace, text: string): WorkflowSpec {
  const spec = bindWorkflow(parseWorkflow(text));
  if (spec) return spec;
  const tells = file.cluster === undefined ? `vigil check ${file.path} tells them` : 'VS Code shows them';
  throw new InvalidWorkflowError(`${placeWords(file)} has errors: ${tells}.`);
}

/** What a run of this file is started with. Throws `InvalidWorkflowError`: the file has errors, or a parameter does not fit. */
export function runInput({ text, params = {}, cluster, labels = {}, ...given }: StartRunParams): RunInput {
  const place = placeOf(given);
  const spec = specOf(place, text);
  checkLabels(labels);
  return {
    name: spec.name ?? basename(place.path).replace(/\.vigil\.ya?ml$/i, ''),
    spec,
    params: { ...spec.params, ...typedParams(params, spec.params) },
    cluster: cluster ?? spec.cluster ?? place.cluster ?? 'local',
    ...fileAt(place),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
  };
}

const longestLabel = 1000;

function checkLabels(labels: RunLabels): void {
  for (const [name, value] of Object.entries(labels)) {
    if (!/^[A-Za-z_]\w{0,99}$/.test(name))
      throw new InvalidWorkflowError(`a label is named like a variable, so that run.labels.NAME is it: not "${name}"`);
    if (typeof value !== 'string' || value.length > longestLabel)
      throw new InvalidWorkflowError(`the label ${name} is a text of at most ${longestLabel} characters`);
  }
}

/** What is given, in the types of the defaults. Throws `InvalidWorkflowError`. */
export function typedParams(
  given: { readonly [name: string]: JsonValue },
  defaults: { readonly [name: string]: JsonValue },
): { [name: string]: JsonValue } {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      if (!Object.hasOwn(defaults, name)) {
        const known = Object.keys(defaults).join(', ') || 'none';
        throw new InvalidWorkflowError(`there is no parameter ${name}; there are: ${known}`);
      }
      return [name, typed(name, value, defaults[name] ?? null)];
    }),
  );
}

function typed(name: string, value: JsonValue, standard: JsonValue): JsonValue {
  if (typeof value !== 'string' || typeof standard === 'string' || standard === null) return value;
  if (typeof standard === 'number') {
    const number = value.trim() === '' ? Number.NaN : Number(value);
    if (Number.isFinite(number)) return number;
    throw new InvalidWorkflowError(`the parameter ${name} is a number, not "${value}"`);
  }
  if (typeof standard === 'boolean') {
    if (value === 'true' || value === 'false') return value === 'true';
    throw new InvalidWorkflowError(`the parameter ${name} is true or false, not "${value}"`);
  }
  try {
    return JSON.parse(value) as JsonValue;
  } catch {
    throw new InvalidWorkflowError(`the parameter ${name} is written as JSON, which "${value}" is not`);
  }
}
