/** Numbers as sbatch(1) takes them: counts, ranges, array indexes, sizes of memory. */
import * as l10n from '../../text/l10n.ts';
import { countIndices, parseArrayRanges, parseTimeLimit } from '../values.ts';
import { type Form, partsOf, type ValueIssue, wrong } from './form.ts';

/** A whole number, at least one. */
export const count: Form = { check: (value) => checkCount(value, 1) };

/** A whole number, zero included. */
export const countOrZero: Form = { check: (value) => checkCount(value, 0) };

/** `--core-spec`: as `countOrZero`; sbatch takes nothing at all for zero. */
export const countOrNone: Form = { check: (value) => (/^(?:-0+)?$/.test(value) ? [] : checkCount(value, 0)) };

function checkCount(value: string, least: number): readonly ValueIssue[] {
  if (/^\s*\+?\d+$/.test(value) && Number(value) >= least) {
    if (Number(value) <= 0x7fffffff) return [];
    return wrong(value, l10n.t('{0} is more than sbatch can count.', value.trim()), { severity: 'warning' });
  }
  const meant = /^(\d+)\s*(?:[.,;]0*|cores?|cpus?|tasks?)$/i.exec(value)?.[1];
  const words = least === 0 ? l10n.t('a whole number') : l10n.t('a whole number of at least 1');
  return wrong(value, l10n.t('`{0}` is not {1}.', value, words), meant === undefined ? {} : { replacement: meant });
}

/** What `--nice` goes up and down to. */
const mostNice = 2_147_483_645;

/** `--nice`: sbatch takes what is no number for the default. */
export const nice: Form = {
  check(value) {
    if (/^[+-]?\d+$/.test(value)) {
      if (Math.abs(Number(value)) <= mostNice) return [];
      return wrong(value, l10n.t('`{0}` is out of range: from -{1} to {1}.', value, mostNice));
    }
    return wrong(value, l10n.t('`{0}` is not a whole number.', value), { severity: 'warning' });
  },
};

export const priority: Form = {
  check(value) {
    const isNumber = /^[+-]?\d+$/.test(value);
    if (/^top$/i.test(value) || (isNumber && Number(value) >= 0 && Number(value) < 4_294_967_294)) return [];
    // sbatch takes what is no number for zero.
    const severity = isNumber ? 'error' : 'warning';
    return wrong(value, l10n.t('`{0}` is no priority: a whole number from 0 to 4294967293, or `TOP`.', value), {
      severity,
    });
  },
};

/** `--nodes`: `4`, `2-4`, `1k`; since 23.02 also lists and steps: `1,3-5`, `2-8:2`. */
export const nodeRange: Form = {
  check(value) {
    const known =
      /^\s*[+-]?\d+[km]?\s*$/i.test(value) ||
      /^\s*\+?\d+[km]?\s*-\s*\+?\d+[km]?\s*$/i.test(value) ||
      /^\d+[km]?(?:-\d+[km]?)?(?::\d+)?(?:,\d+[km]?(?:-\d+[km]?)?(?::\d+)?)*$/i.test(value);
    if (!known) {
      const message = l10n.t(
        '`{0}` is no number of nodes: write `4`, or `2-4` for at least two and at most four.',
        value,
      );
      return wrong(value, message);
    }
    const [, least, most] = /^(\d+)-(\d+)$/.exec(value) ?? [];
    if (least === undefined || most === undefined || Number(least) <= Number(most)) return [];
    return wrong(value, l10n.t('The greatest number of nodes, {0}, is less than the least, {1}.', most, least), {
      replacement: `${most}-${least}`,
    });
  },
};

/** `--array`. */
export const array: Form = {
  values: [
    ['0-9', l10n.later('ten tasks')],
    ['0-99%10', l10n.later('a hundred tasks, at most ten at once')],
    ['1-100:5', l10n.later('every fifth')],
  ],
  check(value) {
    const [list = '', throttle] = value.split('%');
    if (parseArrayRanges(value) || parseArrayRanges(list.replace(/[[\]]/g, ''))) {
      if (throttle === undefined || /^\+?\d+\]?$/.test(throttle)) return [];
      // sbatch reads digits here, and takes none for no limit.
      const message = l10n.t(
        '`{0}` is no number of tasks that may run at once: sbatch passes over what is no digit.',
        value.slice(list.length + 1),
      );
      return [{ start: list.length + 1, end: value.length, message, severity: 'warning' }];
    }
    return partsOf(list, ',').flatMap(({ text, start, end }): readonly ValueIssue[] => {
      if (text === '') return [{ start, end, message: l10n.t('An index is missing here.'), severity: 'warning' }];
      const [, from, to, step] = /^\s*\[?\+?(\d+)(?:-\+?(\d+)(?::\+?(\d+))?)?\]?$/.exec(text) ?? [];
      if (from === undefined) {
        const message = l10n.t('`{0}` is no array index: write `7`, `0-15`, or `0-15:4` for every fourth.', text);
        // `3-` counts as 3 alone, brackets as nothing.
        const isTaken = /^(?:\d+-|\[\])$/.test(text);
        return [{ start, end, message, ...(isTaken && { severity: 'warning' as const }) }];
      }
      if (to !== undefined && Number(to) < Number(from)) {
        return [
          {
            start,
            end,
            message: l10n.t('The last index, {0}, is less than the first, {1}.', to, from),
            replacement: `${to}-${from}`,
          },
        ];
      }
      return step !== undefined && Number(step) === 0
        ? [{ start, end, message: l10n.t('A step of 0 leads nowhere.') }]
        : [];
    });
  },
  spell(value) {
    const spec = parseArrayRanges(value);
    const tasks = spec ? countIndices(spec) : 0;
    if (!spec || tasks < 2) return undefined;
    return spec.limit === undefined ? l10n.t('{0} tasks', tasks) : l10n.t('{0} tasks, {1} at once', tasks, spec.limit);
  },
};

/** `--mem`: whole numbers with K, M, G, T. */
export const memory: Form = {
  check(value) {
    if (/^\s*\+?\d+(?:[KMGT]B?)?$/i.test(value)) return [];
    const meant = meantMemory(value);
    const message = l10n.t('`{0}` is no size: a whole number with `K`, `M`, `G` or `T`; without one it is MiB.', value);
    return wrong(value, message, meant === undefined ? {} : { replacement: meant });
  },
  spell(value) {
    const mebibytes = /^\d+$/.test(value) ? Number(value) : 0;
    if (mebibytes < 1024) return mebibytes > 0 ? `${mebibytes} MiB` : undefined;
    return `${Number((mebibytes / 1024).toFixed(1))} GiB`;
  },
};

/** `4GiB`, `4 G`, `1.5G`, `4G,`. */
function meantMemory(value: string): string | undefined {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([KMGTP])(?:iB|B)?[,;.]?$/i.exec(value.trim()) ?? [];
  if (digits === '') return undefined;
  const units = 'KMGT';
  const at = units.indexOf(unit.toUpperCase());
  if (unit.toUpperCase() === 'P') return `${Math.round(Number(digits) * 1024)}T`;
  if (/^\d+$/.test(digits)) return `${digits}${unit.toUpperCase()}`;
  const smaller = units[at - 1];
  return smaller === undefined ? undefined : `${Math.round(Number(digits) * 1024)}${smaller}`;
}

/** `--switches`: `1`, `1@2:00:00`. */
export const switches: Form = {
  check(value) {
    const [, number = '', wait] = /^([^@]*)(?:@([^@]*))?/.exec(value) ?? [];
    const isCount = /^\s*\+?\d+$/.test(number) && Number(number) > 0;
    if (isCount && (wait === undefined || parseTimeLimit(wait) !== undefined)) return [];
    const words = l10n.t('`{0}` is no number of switches: write `1`, or `1@60` to wait 60 minutes for that.', value);
    return wrong(value, words, isCount ? { severity: 'warning' } : {});
  },
};

/** `-B`: sockets, cores and threads, with colons. */
export const nodeInfo: Form = {
  check(value) {
    if (/^(?:\d+(?:-\d+)?|\*)(?::(?:\d+(?:-\d+)?|\*)){0,2}$/.test(value)) return [];
    const isTaken = value.split(':').every((part) => /^\s*(?:[+]?\d+[km]?(?:-\d+[km]?)*|-0|\*)?$/i.test(part));
    const words = l10n.t('`{0}` is not `sockets[:cores[:threads]]`.', value);
    return wrong(value, words, isTaken ? { severity: 'warning' } : {});
  },
};
