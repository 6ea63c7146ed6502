/** Values as bsub(1) takes them. */
import { spellSeconds } from '../../text/duration.ts';
import { type Form, type ValueIssue, wrong } from './form.ts';
import { meantLimit } from './times.ts';

/** `-W`: `30`, `2:00`, either with a host after a slash. */
export const lsfTime: Form = {
  check(value) {
    if (/^\d+(?::\d{1,2})?(?:\/\S+)?$/.test(value) || /^\d*\.\d+$/.test(value)) return [];
    const [, days = '0', hours, minutes] = /^(?:(\d+)-)?(\d+):(\d\d):\d\d$/.exec(meantLimit(value) ?? value) ?? [];
    const replacement = hours === undefined ? undefined : `${Number(days) * 24 + Number(hours)}:${minutes}`;
    const message = `\`${value}\` is no run limit: write minutes or \`hours:minutes\`; LSF takes no seconds.`;
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
          `\`${value}\` is no number of slots: write \`4\`, or \`4,8\` for at least four and at most eight.`,
        ),
};

/** `-M`. */
export const lsfMemory: Form = {
  check: (value) =>
    /^\d+(?:\.\d+)?\s*(?:[kmgtpez]b?)?(?:[!/].*)?$/i.test(value)
      ? []
      : wrong(value, `\`${value}\` is no size: a number, with \`KB\`, \`MB\`, \`GB\` or \`TB\`.`),
};

/** `-b`, `-t`. */
export const lsfBegin: Form = {
  check: (value) =>
    /^(?:\d+:){1,4}\d{1,2}$/.test(value)
      ? []
      : wrong(value, `\`${value}\` is not \`[[year:][month:]day:]hour:minute\`.`, { severity: 'warning' }),
};

/** `-J`: the brackets hold indexes. */
export const lsfArrayName: Form = {
  check(value) {
    const open = value.indexOf('[');
    if (open < 0) return [];
    const close = value.indexOf(']', open);
    if (close < 0) return [{ start: open, end: open + 1, message: 'This `[` is never closed.', severity: 'warning' }];
    const at = open + 1;
    const indexes = value.slice(at, close);
    const rest = value.slice(close + 1);
    const issues: ValueIssue[] = [];
    if (!/^\s*\d+(?:-\d+(?::\d+)?)?(?:\s*,\s*\d+(?:-\d+(?::\d+)?)?)*\s*$/.test(indexes)) {
      issues.push({
        start: at,
        end: at + indexes.length,
        message: `\`${indexes}\` are no array indexes: write \`1-100\` or \`1-99:2\`.`,
        severity: 'warning',
      });
    }
    if (rest !== '' && !/^%\d+$/.test(rest)) {
      const from = at + indexes.length + 1;
      issues.push({
        start: from,
        end: value.length,
        message: `\`${rest}\` is not \`%\` and a number of tasks that may run at once.`,
        severity: 'warning',
      });
    }
    return issues;
  },
};

/** `-R`, `-w`: brackets and parentheses are in pairs. */
export const brackets: Form = {
  values: [
    ['"span[ptile=4]"', 'four slots on each host'],
    ['"span[hosts=1]"', 'all slots on one host'],
    ['"rusage[mem=4GB]"', 'reserve memory'],
  ],
  check(value) {
    const open: { readonly mark: string; readonly at: number }[] = [];
    for (let at = 0; at < value.length; at++) {
      const mark = value[at] ?? '';
      if (mark === '[' || mark === '(') open.push({ mark, at });
      else if (mark === ']' || mark === ')') {
        const before = open.pop();
        if (!before || (before.mark === '[') !== (mark === ']')) {
          return [{ start: at, end: at + 1, message: `This \`${mark}\` closes nothing.`, severity: 'warning' }];
        }
      }
    }
    const [left] = open;
    return left
      ? [{ start: left.at, end: left.at + 1, message: `This \`${left.mark}\` is never closed.`, severity: 'warning' }]
      : [];
  },
};
