/** Values as bsub(1) takes them. */

import { spellSeconds } from '../../text/duration.ts';
import * as l10n from '../../text/l10n.ts';
import { type Form, type ValueIssue, wrong } from './form.ts';
import { meantLimit } from './times.ts';

/** `-W`: `30`, `2:00`, either with a host after a slash. */
export const lsfTime: Form = {
  check(value) {
    if (/^\d+(?::\d{1,2})?(?:\/\S+)?$/.test(value) || /^\d*\.\d+$/.test(value)) return [];
    const [, days = '0', hours, minutes] = /^(?:(\d+)-)?(\d+):(\d\d):\d\d$/.exec(meantLimit(value) ?? value) ?? [];
    const replacement = hours === undefined ? undefined : `${Number(days) * 24 + Number(hours)}:${minutes}`;
    const message = l10n.t('`{0}` is no run limit: write minutes or `hours:minutes`; LSF takes no seconds.', value);
    return wrong(value, message, replacement === undefined ? {} : { replacement });
  },
  spell: (value) => (/^\d{2,}$/.test(value) ? spellSeconds(Number(value) * 60) : undefined),
};

/** `-n`. */
export const lsfCount: Form = {
  check: (value) =>
    /^\d+(?:,\d+)?$|^,\d+$/.test(value)
      ? []
      : wrong(
          value,
          l10n.t('`{0}` is no number of slots: write `4`, or `4,8` for at least four and at most eight.', value),
        ),
};

/** `-M`. */
export const lsfMemory: Form = {
  check: (value) =>
    /^\d+(?:\.\d+)?\s*(?:[kmgtpez]b?)?(?:[!/].*)?$/i.test(value)
      ? []
      : wrong(value, l10n.t('`{0}` is no size: a number, with `KB`, `MB`, `GB` or `TB`.', value)),
};

/** `-b`, `-t`. */
export const lsfBegin: Form = {
  check: (value) =>
    /^(?:\d+:){1,4}\d{1,2}$/.test(value)
      ? []
      : wrong(value, l10n.t('`{0}` is not `[[year:][month:]day:]hour:minute`.', value), { severity: 'warning' }),
};

/** `-J`: the brackets hold indexes. */
export const lsfArrayName: Form = {
  check(value) {
    const open = value.indexOf('[');
    if (open < 0) return [];
    const close = value.indexOf(']', open);
    if (close < 0)
      return [{ start: open, end: open + 1, message: l10n.t('This `[` is never closed.'), severity: 'warning' }];
    const at = open + 1;
    const indexes = value.slice(at, close);
    const rest = value.slice(close + 1);
    const issues: ValueIssue[] = [];
    if (!/^\s*\d+(?:-\d+(?::\d+)?)?(?:\s*,\s*\d+(?:-\d+(?::\d+)?)?)*\s*$/.test(indexes)) {
      issues.push({
        start: at,
        end: at + indexes.length,
        message: l10n.t('`{0}` are no array indexes: write `1-100` or `1-99:2`.', indexes),
        severity: 'warning',
      });
    }
    if (rest !== '' && !/^%\d+$/.test(rest)) {
      const from = at + indexes.length + 1;
      issues.push({
        start: from,
        end: value.length,
        message: l10n.t('`{0}` is not `%` and a number of tasks that may run at once.', rest),
        severity: 'warning',
      });
    }
    return issues;
  },
};

/** `-R`, `-w`: brackets and parentheses are in pairs. */
export const brackets: Form = {
  values: [
    ['"span[ptile=4]"', l10n.later('four slots on each host')],
    ['"span[hosts=1]"', l10n.later('all slots on one host')],
    ['"rusage[mem=4GB]"', l10n.later('reserve memory')],
  ],
  check(value) {
    const open: { readonly mark: string; readonly at: number }[] = [];
    for (let at = 0; at < value.length; at++) {
      const mark = value[at] ?? '';
      if (mark === '[' || mark === '(') open.push({ mark, at });
      else if (mark === ']' || mark === ')') {
        const before = open.pop();
        if (!before || (before.mark === '[') !== (mark === ']')) {
          return [{ start: at, end: at + 1, message: l10n.t('This `{0}` closes nothing.', mark), severity: 'warning' }];
        }
      }
    }
    const [left] = open;
    return left
      ? [
          {
            start: left.at,
            end: left.at + 1,
            message: l10n.t('This `{0}` is never closed.', left.mark),
            severity: 'warning',
          },
        ]
      : [];
  },
};
