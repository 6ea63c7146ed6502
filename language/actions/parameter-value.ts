/** Whether the literal that was written fits the type of its parameter, and the value that it stands for. */
import * as l10n from '../text/l10n.ts';
import { nearestName } from '../text/nearest.ts';
import { parseDuration, parseFlag } from '../watcher/read-scalar.ts';
import { levels, type ParameterInfo } from './catalogue.ts';
import type { JsonValue } from './literal.ts';

export type ParameterValue =
  | { readonly value: JsonValue; readonly problem?: undefined }
  /** What the parameter takes, and the nearest thing to what was written. */
  | { readonly problem: string; readonly near?: string };

export function parameterValue(info: ParameterInfo, written: JsonValue): ParameterValue {
  // What a variable will hold is not known yet.
  const hasVariable = typeof written === 'string' && /\$/.test(written);
  switch (info.type) {
    case 'text':
    case 'watcher':
    case 'capture':
    case 'condition':
      return typeof written === 'string' ? { value: written } : { problem: l10n.t('a text in quotes') };
    case 'number-or-text':
      return typeof written === 'string' || typeof written === 'number'
        ? { value: written }
        : { problem: l10n.t('a number or a text') };
    case 'duration':
      return hasVariable ? { value: written } : durationValue(written);
    case 'flag': {
      if (typeof written === 'boolean' || hasVariable) return { value: written };
      const flag = typeof written === 'string' ? parseFlag(written) : undefined;
      return flag === undefined ? { problem: l10n.t('True or False') } : { value: flag };
    }
    case 'map':
      return isMap(written) ? { value: written } : { problem: l10n.t('a map, `{"key": value}`') };
    case 'texts': {
      const texts =
        typeof written === 'string' || (Array.isArray(written) && written.every((item) => typeof item === 'string'));
      return texts ? { value: written } : { problem: l10n.t('a text, or a list of texts') };
    }
    case 'level':
      return hasVariable ? { value: written } : levelValue(written);
    case 'any':
      return { value: written };
  }
}

function durationValue(written: JsonValue): ParameterValue {
  const seconds = typeof written === 'string' ? parseDuration(written) : written;
  return typeof seconds === 'number' && seconds >= 0
    ? { value: seconds }
    : { problem: l10n.t('a time: seconds, or `"90s"`, `"10m"`, `"2h"`') };
}

function levelValue(written: JsonValue): ParameterValue {
  const level = typeof written === 'string' ? written.toLowerCase() : undefined;
  const known = level === 'warn' ? 'warning' : levels.find((each) => each === level);
  if (known) return { value: known };
  const near = level === undefined ? undefined : nearestName(level, levels);
  return { problem: levels.map((each) => `\`${each}\``).join(', '), ...(near && { near }) };
}

function isMap(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
