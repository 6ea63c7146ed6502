/** `store_metric(name, value | variable)`: a point of the job's metric series. */
import type { ActionIntent } from '../store/records.ts';
import { type Action, failed, textParam } from './action.ts';

type Metric =
  | { readonly ok: true; readonly name: string; readonly value: number }
  | { readonly ok: false; readonly problem: string };

/** Letters, digits and `_ . : / -`, blanks inside; it begins with a letter or `_`. */
const metricName = /^[\p{L}_](?:[\p{L}\p{N}_.:/ -]{0,98}[\p{L}\p{N}_])?$/u;

/** The point that the intent asks for; a problem when its value is no number. */
export function storedMetric(intent: ActionIntent): Metric {
  const variable = textParam(intent, 'variable');
  const text =
    textParam(intent, 'value') ?? (variable === undefined ? undefined : intent.captures[variable.replace(/^\$/, '')]);
  const name = textParam(intent, 'name') ?? variable ?? 'metric';
  // Names may come from a job's output, and go to files that spreadsheets open.
  if (!metricName.test(name))
    return { ok: false, problem: `${JSON.stringify(name.slice(0, 100))} is no name of a metric` };
  if (text === undefined)
    return {
      ok: false,
      problem: `metric ${name}: ${variable ? `the capture ${variable} has no value` : 'no value given'}`,
    };
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value)
    ? { ok: true, name, value }
    : { ok: false, problem: `metric ${name}: "${text.slice(0, 100)}" is not a finite number` };
}

export const storeMetric: Action = (intent, host) => {
  const metric = storedMetric(intent);
  if (!metric.ok) return failed(metric.problem);
  if (!host.mayStoreMetric(metric.name))
    return failed(`metric ${metric.name}: this job has as many series as are kept of one`);
  const { name, value } = metric;
  return {
    ok: true,
    message: `${name} = ${value}`,
    metric: { name, value },
    events: [{ name: 'metric', context: { name, value } }],
  };
};
