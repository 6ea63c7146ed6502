/** Values as qsub(1) of Grid Engine takes them. */

import { spellSeconds } from '../../text/duration.ts';
import * as l10n from '../../text/l10n.ts';
import { type Form, partsOf, type ValueIssue, wrong } from './form.ts';

const times = /^[hs]_(?:rt|cpu)$/;
const sizes = /^(?:[hs]_(?:vmem|rss|data|stack|fsize|core)|mem_free|mem_total|virtual_free|swap_free)$/;

/** `-l`: sites add resources of their own, of which nothing is said. */
export const sgeResources: Form = {
  values: [
    ['h_rt=', l10n.later('the time limit: `02:00:00`')],
    ['h_vmem=', l10n.later('memory of each slot: `4G`')],
    ['mem_free=', l10n.later('only hosts with so much memory free')],
    ['gpu=', l10n.later('GPUs, at many sites')],
  ],
  check: (value) =>
    partsOf(value, ',').flatMap(({ text, start }): readonly ValueIssue[] => {
      const [name = '', amount] = text.split('=');
      if (amount === undefined) return [];
      const span = { start: start + name.length + 1, end: start + text.length };
      if (times.test(name) && !/^(?:\d+(?::\d*){0,2}|:\d+(?::\d*)?|infinity)$/i.test(amount)) {
        return [{ ...span, message: l10n.t('`{0}` is no time: write seconds or `hours:minutes:seconds`.', amount) }];
      }
      if (sizes.test(name) && !/^(?:\d+(?:\.\d+)?[kmgt]?|infinity)$/i.test(amount)) {
        const meant = /^(\d+(?:\.\d+)?[kmgt])i?b$/i.exec(amount)?.[1];
        return [
          {
            ...span,
            message: l10n.t('`{0}` is no size: a number with `K`, `M` or `G`.', amount),
            ...(meant && { replacement: meant }),
          },
        ];
      }
      return [];
    }),
  spell(value) {
    const seconds = /\b[hs]_rt=(\d+)(?=,|$)/.exec(value)?.[1];
    return seconds === undefined || Number(seconds) < 60 ? undefined : spellSeconds(Number(seconds));
  },
};

/** `-pe`: the environment and its slots. */
export const slots: Form = {
  check(value) {
    const blank = value.lastIndexOf(' ');
    if (blank < 0)
      return wrong(value, l10n.t('After `{0}` a number of slots is missing: `{0} 8`, or `{0} 8-16`.', value));
    const number = value.slice(blank + 1);
    if (/^(?:\d+(?:-\d*)?|-\d+)(?:,\d+(?:-\d*)?)*$/.test(number)) return [];
    const message = l10n.t('`{0}` is no number of slots: write `8`, or `8-16`.', number);
    return [{ start: blank + 1, end: value.length, message }];
  },
};

/** `-tc`. */
export const sgeTasks: Form = {
  check: (value) =>
    /^\d+$/.test(value) ? [] : wrong(value, l10n.t('`{0}` is no number of tasks: write `20`.', value)),
};

/** `-N`: names are no numbers, which stand for jobs, and have none of the marks of paths, hosts and patterns. */
export const sgeName: Form = {
  check(value) {
    if (/^\d/.test(value))
      return wrong(value, l10n.t('A name does not begin with a digit here.'), { severity: 'warning' });
    const start = value.search(/[\n\t\r/:@\\*?]/);
    const message = l10n.t('A name has no `{0}` here.', value.charAt(start));
    return start < 0 ? [] : [{ start, end: start + 1, message, severity: 'warning' }];
  },
};

/** `-t`: indexes begin at 1. */
export const sgeArray: Form = {
  check(value) {
    if (!/^\d+(?:-\d+(?::\d+)?)?$/.test(value)) {
      return wrong(value, l10n.t('`{0}` are no array indexes: write `1-100`, or `1-99:2` for every second.', value));
    }
    const [from = 0, to = from] = value.split(/[-:]/).map(Number);
    if (to < from) return wrong(value, l10n.t('The last index is less than the first.'), { severity: 'warning' });
    return /^0+(?=-|$)/.test(value)
      ? [{ start: 0, end: 1, message: l10n.t('The indexes of an array begin at 1 here.'), severity: 'warning' }]
      : [];
  },
};

/** `-m`. */
export const sgeMail: Form = {
  values: [
    ['bea', l10n.later('when it begins, ends or is aborted')],
    ['ea', l10n.later('when it ends or is aborted')],
    ['n', 'never'],
  ],
  check: (value) =>
    /^[beasn,]+$/.test(value)
      ? []
      : wrong(value, l10n.t('`{0}` is not `n` or some of `b`, `e`, `a`, `s`.', value), { severity: 'warning' }),
};

/** `-p`. */
export const sgePriority: Form = {
  check: (value) =>
    /^[+-]?\d+$/.test(value) && Number(value) >= -1023 && Number(value) <= 1024
      ? []
      : wrong(value, l10n.t('`{0}` is no priority: from -1023 to 1024.', value)),
};

/** `-a`, `-dl`. */
export const sgeDate: Form = {
  check: (value) =>
    /^\d{8}(?:\d{2}){0,2}(?:\.\d\d)?$/.test(value)
      ? []
      : wrong(value, l10n.t('`{0}` is not `[[CC]YY]MMDDhhmm[.SS]`.', value), { severity: 'warning' }),
};
