/** Values as qsub(1) of Grid Engine takes them. */
import { spellSeconds } from '../../text/duration.ts';
import { type Form, partsOf, type ValueIssue, wrong } from './form.ts';

const times = /^[hs]_(?:rt|cpu)$/;
const sizes = /^(?:[hs]_(?:vmem|rss|data|stack|fsize|core)|mem_free|mem_total|virtual_free|swap_free)$/;

/** `-l`: sites add resources of their own, of which nothing is said. */
export const sgeResources: Form = {
  values: [
    ['h_rt=', 'the time limit: `02:00:00`'],
    ['h_vmem=', 'memory of each slot: `4G`'],
    ['mem_free=', 'only hosts with so much memory free'],
    ['gpu=', 'GPUs, at many sites'],
  ],
  check: (value) =>
    partsOf(value, ',').flatMap(({ text, start }): readonly ValueIssue[] => {
      const [name = '', amount] = text.split('=');
      if (amount === undefined) return [];
      const span = { start: start + name.length + 1, end: start + text.length };
      if (times.test(name) && !/^(?:\d+(?::\d*){0,2}|:\d+(?::\d*)?|infinity)$/i.test(amount)) {
        return [{ ...span, message: `\`${amount}\` is no time: write seconds or \`hours:minutes:seconds\`.` }];
      }
      if (sizes.test(name) && !/^(?:\d+(?:\.\d+)?[kmgt]?|infinity)$/i.test(amount)) {
        const meant = /^(\d+(?:\.\d+)?[kmgt])i?b$/i.exec(amount)?.[1];
        return [
          {
            ...span,
            message: `\`${amount}\` is no size: a number with \`K\`, \`M\` or \`G\`.`,
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
      return wrong(value, `After \`${value}\` a number of slots is missing: \`${value} 8\`, or \`${value} 8-16\`.`);
    const number = value.slice(blank + 1);
    if (/^(?:\d+(?:-\d*)?|-\d+)(?:,\d+(?:-\d*)?)*$/.test(number)) return [];
    const message = `\`${number}\` is no number of slots: write \`8\`, or \`8-16\`.`;
    return [{ start: blank + 1, end: value.length, message }];
  },
};

/** `-tc`. */
export const sgeTasks: Form = {
  check: (value) => (/^\d+$/.test(value) ? [] : wrong(value, `\`${value}\` is no number of tasks: write \`20\`.`)),
};

/** `-N`: names are no numbers, which stand for jobs, and have none of the marks of paths, hosts and patterns. */
export const sgeName: Form = {
  check(value) {
    if (/^\d/.test(value)) return wrong(value, 'A name does not begin with a digit here.', { severity: 'warning' });
    const start = value.search(/[\n\t\r/:@\\*?]/);
    const message = `A name has no \`${value[start]}\` here.`;
    return start < 0 ? [] : [{ start, end: start + 1, message, severity: 'warning' }];
  },
};

/** `-t`: indexes begin at 1. */
export const sgeArray: Form = {
  check(value) {
    if (!/^\d+(?:-\d+(?::\d+)?)?$/.test(value)) {
      return wrong(value, `\`${value}\` are no array indexes: write \`1-100\`, or \`1-99:2\` for every second.`);
    }
    const [from = 0, to = from] = value.split(/[-:]/).map(Number);
    if (to < from) return wrong(value, 'The last index is less than the first.', { severity: 'warning' });
    return /^0+(?=-|$)/.test(value)
      ? [{ start: 0, end: 1, message: 'The indexes of an array begin at 1 here.', severity: 'warning' }]
      : [];
  },
};

/** `-m`. */
export const sgeMail: Form = {
  values: [
    ['bea', 'when it begins, ends or is aborted'],
    ['ea', 'when it ends or is aborted'],
    ['n', 'never'],
  ],
  check: (value) =>
    /^[beasn,]+$/.test(value)
      ? []
      : wrong(value, `\`${value}\` is not \`n\` or some of \`b\`, \`e\`, \`a\`, \`s\`.`, { severity: 'warning' }),
};

/** `-p`. */
export const sgePriority: Form = {
  check: (value) =>
    /^[+-]?\d+$/.test(value) && Number(value) >= -1023 && Number(value) <= 1024
      ? []
      : wrong(value, `\`${value}\` is no priority: from -1023 to 1024.`),
};

/** `-a`, `-dl`. */
export const sgeDate: Form = {
  check: (value) =>
    /^\d{8}(?:\d{2}){0,2}(?:\.\d\d)?$/.test(value)
      ? []
      : wrong(value, `\`${value}\` is not \`[[CC]YY]MMDDhhmm[.SS]\`.`, { severity: 'warning' }),
};
