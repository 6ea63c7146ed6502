/** Values as qsub(1B) takes them: lists of resources, array indexes, dates. */

import { spellSeconds } from '../../text/duration.ts';
import * as l10n from '../../text/l10n.ts';
import { nearestName } from '../../text/nearest.ts';
import { type Form, type Part, partsOf, type ValueIssue, wrong } from './form.ts';
import { meantLimit } from './times.ts';

const times = new Set(['walltime', 'cput', 'pcput', 'min_walltime', 'max_walltime', 'soft_walltime']);
const sizes = new Set(['mem', 'pmem', 'vmem', 'pvmem', 'file']);
const counts = new Set(['ncpus', 'ngpus', 'mpiprocs', 'ompthreads', 'procs', 'nodect']);
const others = [
  'nodes',
  'select',
  'place',
  'nice',
  'arch',
  'host',
  'software',
  'feature',
  'naccesspolicy',
  'filesystems',
  'qos',
  'gres',
];

/** `-l`. Sites add resources of their own: a name that is not known is no mistake unless a letter or two are wrong. */
export const pbsResources: Form = {
  values: [
    ['walltime=', l10n.later('the time limit: `02:00:00`')],
    ['select=1:ncpus=1:mem=4gb', l10n.later('chunks of CPUs and memory (OpenPBS)')],
    ['nodes=1:ppn=1', l10n.later('nodes and processors on each (Torque)')],
    ['mem=', l10n.later('memory of the whole job: `16gb`')],
    ['ncpus=', l10n.later('CPUs of the whole job')],
    ['place=', '`free`, `pack`, `scatter`, `excl`, `exclhost`'],
  ],
  check: (value) => resourceParts(value).flatMap(checkResource),
  spell(value) {
    const seconds = /\bwalltime=(\d+)(?=,|$)/.exec(value)?.[1];
    return seconds === undefined || Number(seconds) < 60 ? undefined : `walltime ${spellSeconds(Number(seconds))}`;
  },
};

/** A comma in quotes or parentheses separates nothing; nor does one in a list of hosts, which `=` does not follow. */
function resourceParts(value: string): readonly Part[] {
  const parts: Part[] = [];
  for (const part of partsOf(value, ',')) {
    const before = parts.at(-1);
    const belongs = before && !part.text.includes('=') && before.text.startsWith('nodes=');
    if (before && belongs) parts[parts.length - 1] = { ...before, text: `${before.text},${part.text}`, end: part.end };
    else parts.push(part);
  }
  return parts;
}

function checkResource({ text, start }: Part): readonly ValueIssue[] {
  const equals = text.indexOf('=');
  if (equals < 0) return [];
  const name = text.slice(0, equals).trim();
  const value = text.slice(equals + 1);
  const at = start + equals + 1;
  const issues = checkAmount(name, value, at);
  if (issues.length > 0) return issues;
  if (name === 'select') return checkSelect(value, at);
  if (name === 'nodes') return checkNodes(value, at);
  const known = [...times, ...sizes, ...counts, ...others];
  const near = known.includes(name) || name.length < 5 ? undefined : nearestName(name, known);
  if (near === undefined || near === name) return [];
  const message = l10n.t('There is no resource `{0}` unless this site has one: did you mean `{1}`?', name, near);
  return [{ start, end: start + name.length, message, severity: 'warning', replacement: near }];
}

function checkAmount(name: string, value: string, start: number): readonly ValueIssue[] {
  const span = { start, end: start + value.length };
  if (times.has(name)) {
    if (/^\d+(?::\d{1,2}){0,3}(?:\.\d+)?$/.test(value)) return [];
    const [, hours, rest] =
      /^(\d+):(.*)$/.exec(
        (meantLimit(value) ?? '').replace(/^(\d+)-(\d+):/, (_, days, more) => `${Number(days) * 24 + Number(more)}:`),
      ) ?? [];
    const message = l10n.t('`{0}` is no time: write seconds, `minutes:seconds` or `hours:minutes:seconds`.', value);
    return [
      { ...span, message, ...(hours !== undefined && rest !== undefined && { replacement: `${hours}:${rest}` }) },
    ];
  }
  if (sizes.has(name)) {
    if (/^\d+(?:[kmgtp]?[bw])?$/i.test(value) || /^\d+[kmgtp]$/i.test(value)) return [];
    return [{ ...span, message: l10n.t('`{0}` is no size: a whole number with `kb`, `mb`, `gb` or `tb`.', value) }];
  }
  if (counts.has(name) && !/^\d+$/.test(value))
    return [{ ...span, message: l10n.t('`{0}` is not a whole number.', value) }];
  return [];
}

/** `2:ncpus=8:mem=4gb+1:ncpus=1`. */
function checkSelect(value: string, start: number): readonly ValueIssue[] {
  return partsOf(value, '+').flatMap((chunk) =>
    partsOf(chunk.text, ':').flatMap(({ text, start: offset }, index): readonly ValueIssue[] => {
      const at = start + chunk.start + offset;
      if (index === 0 && /^\d+$/.test(text)) return [];
      const [name = '', amount] = text.split('=');
      if (amount === undefined || text === '') {
        return [{ start: at, end: at + text.length, message: l10n.t('`{0}` is not `resource=value`.', text) }];
      }
      if (name === 'ppn') {
        const message = l10n.t(
          '`ppn` belongs to `-l nodes=`; in `select` it is `ncpus` (and `mpiprocs` for MPI ranks).',
        );
        return [{ start: at, end: at + name.length, message, severity: 'warning', replacement: 'ncpus' }];
      }
      return checkAmount(name, amount, at + name.length + 1);
    }),
  );
}

/** `2:ppn=8:gpus=1+1:big`, or hosts. */
function checkNodes(value: string, start: number): readonly ValueIssue[] {
  if (value === '') return [{ start, end: start, message: l10n.t('A number of nodes is missing: `nodes=2:ppn=8`.') }];
  return [...value.matchAll(/:(ppn|gpus|mics|procs)=([^:+,]*)/g)].flatMap(({ 0: text, 2: amount = '', index }) => {
    if (/^\d+$/.test(amount)) return [];
    const at = start + index + text.length - amount.length;
    return [{ start: at, end: at + amount.length, message: l10n.t('`{0}` is not a whole number.', amount) }];
  });
}

/** `-N`. */
export const pbsName: Form = {
  check(value) {
    if (/\s/.test(value))
      return wrong(value, l10n.t('The name of a job has no blanks in it.'), { severity: 'warning' });
    if (/^[^A-Za-z0-9_]/.test(value)) {
      return [
        {
          start: 0,
          end: 1,
          message: l10n.t('The name of a job begins with a letter, a digit or `_`.'),
          severity: 'warning',
        },
      ];
    }
    if (value.length <= 236) return [];
    return wrong(value, l10n.t('The name of a job has at most 236 characters.'));
  },
};

/** `-m`: some of a, b, e and others, or n. */
export const mailEvents: Form = {
  values: [
    ['abe', l10n.later('when it begins, ends or is aborted')],
    ['ae', l10n.later('when it ends or is aborted')],
    ['n', 'never'],
  ],
  check(value) {
    const letters = value.replace(/[,\s]/g, '');
    if (/^(?:[abefjp]+|n)$/i.test(letters)) return [];
    return wrong(value, l10n.t('`{0}` is not `n` or some of `a`, `b`, `e`.', value), { severity: 'warning' });
  },
};

/** `-k`, `-R`. */
export const pbsStreams: Form = {
  values: [
    ['oe', 'both'],
    ['o', l10n.later('standard output')],
    ['e', l10n.later('standard error')],
    ['n', 'neither'],
  ],
  check: (value) =>
    /^(?:[doe]+|n)$/.test(value)
      ? []
      : wrong(value, l10n.t('`{0}` is not `o`, `e`, `oe` or `n`.', value), { severity: 'warning' }),
};

/** `-J`, `-t`. */
export const pbsArray: Form = {
  check: (value) =>
    /^\d+(?:-\d+(?::\d+)?)?(?:,\d+(?:-\d+(?::\d+)?)?)*(?:%\d+)?$/.test(value)
      ? []
      : wrong(value, l10n.t('`{0}` are no array indexes: write `0-99`, `0-99:2` or `0-99%10`.', value)),
};

/** `-a`. */
export const pbsDate: Form = {
  check: (value) =>
    /^(?:\d{4}|\d{6}|\d{8}|\d{10}|\d{12})(?:\.\d\d)?$/.test(value)
      ? []
      : wrong(value, l10n.t('`{0}` is not `[[[[CC]YY]MM]DD]hhmm[.SS]`, e.g. `202701311530`.', value), {
          severity: 'warning',
        }),
};

/** `-p`. */
export const pbsPriority: Form = {
  check: (value) =>
    /^[+-]?\d+$/.test(value) && Math.abs(Number(value)) <= 1024
      ? []
      : wrong(value, l10n.t('`{0}` is no priority: from -1024 to 1023.', value)),
};
