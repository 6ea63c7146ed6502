/** Binding of a call's arguments to parameters, with CPython's words for what does not fit. */
import { typeError, type Value } from './values.ts';

export interface Arguments {
  readonly args: readonly Value[];
  readonly keywords: ReadonlyMap<string, Value>;
}

/** A parameter that must be given has no `default`. */
export interface Parameter {
  readonly name: string;
  readonly default?: Value;
  /** May be given by its name. */
  readonly keyword?: boolean;
  /** May be given by its name only. */
  readonly keywordOnly?: boolean;
}

/** The value of each parameter, in order. */
export function bind(name: string, parameters: readonly Parameter[], { args, keywords }: Arguments): readonly Value[] {
  const positional = parameters.filter((parameter) => !parameter.keywordOnly);
  if (args.length > positional.length) {
    throw typeError(
      `${name}() takes at most ${positional.length} argument${positional.length === 1 ? '' : 's'} (${args.length} given)`,
    );
  }
  for (const keyword of keywords.keys()) {
    const parameter = parameters.find((candidate) => candidate.name === keyword);
    if (!parameter || !(parameter.keyword || parameter.keywordOnly)) {
      throw typeError(`${name}() got an unexpected keyword argument '${keyword}'`);
    }
  }
  return parameters.map((parameter, index) => {
    const given = index < args.length && !parameter.keywordOnly ? args[index] : keywords.get(parameter.name);
    if (index < args.length && !parameter.keywordOnly && keywords.has(parameter.name)) {
      throw typeError(`${name}() got multiple values for argument '${parameter.name}'`);
    }
    const value = given === undefined ? parameter.default : given;
    if (value === undefined) throw typeError(`${name}() missing required argument: '${parameter.name}'`);
    return value;
  });
}
