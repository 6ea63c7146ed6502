/** Resources as sbatch(1) takes them: GPUs, generic resources, features, licences, and how tasks are spread over them. */
import * as l10n from '../../text/l10n.ts';
import { checkWord, choices } from './choice.ts';
import { type Form, partsOf, type ValueIssue, wrong } from './form.ts';

const suffixed = String.raw`\d+[kmgtp]?(?:i?b)?`;

/** `--gres`: `gpu`, `gpu:2`, `gpu:a100:2`, with commas. */
export const gres: Form = {
  values: [
    ['gpu:1', l10n.later('one GPU on each node')],
    ['gpu:2', l10n.later('two GPUs on each node')],
    ['none', l10n.later('no generic resources at all')],
  ],
  check: (value) =>
    /^(?:none|help)$/i.test(value)
      ? []
      : partsOf(value, ',').flatMap((part) => {
          if (new RegExp(`^(?:gres[/:])?[A-Za-z][\\w.+-]*(?:[:/][\\w.+-]+)?(?:[:=]${suffixed})?$`, 'i').test(part.text))
            return [];
          const message =
            part.text === ''
              ? l10n.t('A resource is missing here.')
              : l10n.t('`{0}` is no resource: write `name:count` or `name:type:count`, e.g. `gpu:2`.', part.text);
          // sbatch takes anything without a colon for a type.
          const isTaken = /^[A-Za-z][\w.+-]*:[^:(]*[^:(\d][^:(]*(?::\d+)?$|^[A-Za-z][\w.+-]*:[=+-]\d+$/.test(part.text);
          const severity = isTaken && !/^[\w.+-]+:\d+\D+\d*$/.test(part.text) ? ('warning' as const) : undefined;
          return [{ start: part.start, end: part.end, message, ...(severity && { severity }) }];
        }),
};

/** `--gpus`: `2`, `a100:2`, with commas. */
export const gpuCount: Form = {
  check: (value) =>
    partsOf(value, ',').flatMap(({ text, start, end }) => {
      // A type alone is one of it, and `gpu:` before the type is for --gres.
      if (/^(?:(?:gpu:)?[\w.+-]+:)?\d+[kmgtp]?$/i.test(text) || /^[A-Za-z][\w.+-]*$/.test(text)) return [];
      const message = l10n.t('`{0}` is no number of GPUs: write `2`, or `a100:2` for a type of them.', text);
      // What else has no number behind a colon sbatch takes for the name of a type.
      const isTaken = text === '' ? value !== '' : /^[+=-]\d+$|^[A-Za-z][^:,]*(?::\d+)?$/.test(text);
      return [
        {
          start,
          end,
          message,
          ...(isTaken && { severity: 'warning' as const }),
          ...(/^gpu=\d+$/.test(text) && { replacement: text.slice(4) }),
        },
      ];
    }),
};

/** `--tres-per-task`: `cpu=4`, `gres/gpu:a100:1`, with commas. */
export const tres: Form = {
  check: (value) =>
    partsOf(value, ',').flatMap(({ text, start, end }) => {
      if (
        new RegExp(
          `^(?:cpu|mem|gres/[\\w.-]+(?::[\\w.-]+)?|license/[\\w.@-]+|bb/[\\w.-]+)(?:[:=]${suffixed})?$`,
          'i',
        ).test(text)
      )
        return [];
      return [
        { start, end, message: l10n.t('`{0}` is no resource: write `cpu=4`, `gres/gpu=1` or `license/name=1`.', text) },
      ];
    }),
};

export const gresFlags: Form = choices(
  ['disable-binding', l10n.later('let tasks use CPUs that are far from the resources')],
  ['enforce-binding', l10n.later('only CPUs that are near to the resources')],
  ['one-task-per-sharing', l10n.later('one task a shared resource')],
  ['multiple-tasks-per-sharing', l10n.later('several tasks a shared resource')],
  ['allow-task-sharing', l10n.later('tasks of the job share the resources')],
);

/** `--licenses`: `matlab`, `matlab@server:2`; commas mean and, `|` or. */
export const licences: Form = {
  check: (value) =>
    [...value.matchAll(/[^,;|]+/g)].flatMap(({ 0: text, index }): readonly ValueIssue[] => {
      if (/^\s*\(?[^\s:]+(?:[:*=]\+?\d+)?\)?\s*$/.test(text)) return [];
      const message = l10n.t('`{0}` is no licence: write `name`, `name:count` or `name@server:count`.', text);
      // A count left out is passed over.
      const severity = /^[^\s:]+:$/.test(text) ? ('warning' as const) : undefined;
      return [{ start: index, end: index + text.length, message, ...(severity && { severity }) }];
    }),
};

/** `--constraint`: features with `&`, `|`, `*count`, one pair of brackets. */
export const constraint: Form = {
  check(value) {
    const open: { readonly mark: string; readonly at: number }[] = [];
    for (let at = 0; at < value.length; at++) {
      const mark = value[at] ?? '';
      if (mark === '[' || mark === '(') open.push({ mark, at });
      else if (mark === ']' || mark === ')') {
        const before = open.pop();
        if (!before || (before.mark === '[') !== (mark === ']'))
          return [{ start: at, end: at + 1, message: l10n.t('This `{0}` closes nothing.', mark) }];
      }
    }
    const [left] = open;
    if (left) return [{ start: left.at, end: left.at + 1, message: l10n.t('This `{0}` is never closed.', left.mark) }];
    const empty = /[&|,]\s*(?=[&|,\])]|$)|^\s*[&|]|[[(]\s*(?=[&|\])])/.exec(value);
    if (!empty) return [];
    const doubled = /^(&&|\|\|)/.exec(value.slice(empty.index))?.[1];
    return [
      {
        start: empty.index,
        end: empty.index + (doubled?.length ?? 1),
        message: doubled
          ? l10n.t('Features are joined by one `{0}`.', doubled.charAt(0))
          : l10n.t('A feature is missing here.'),
        // One mark at the very end is passed over.
        ...(!doubled && empty.index > 0 && empty.index === value.length - 1 && { severity: 'warning' as const }),
        ...(doubled && { replacement: doubled[0] }),
      },
    ];
  },
};

const governors = ['Conservative', 'OnDemand', 'Performance', 'PowerSave', 'SchedUtil', 'UserSpace'];
const frequencies = ['low', 'medium', 'highm1', 'high'];

/** `--cpu-freq`: `p1[-p2[:p3]]`. */
export const cpuFrequency: Form = {
  values: [...frequencies, ...governors].map((word) => [word, '']),
  check(value) {
    const known = [...frequencies, ...governors].map((word) => word.toLowerCase());
    const parts = value.toLowerCase().split(/[-:]/);
    if (parts.every((part) => /^\d+$/.test(part) || known.includes(part))) return [];
    const message = l10n.t(
      '`{0}` is no CPU frequency: a number in kHz, one of {1}, or a governor: {2}.',
      value,
      frequencies.join(', '),
      governors.join(', '),
    );
    // sbatch looks at the beginning of each part only.
    const isTaken = parts.every((part) => /^\d/.test(part) || known.some((word) => part.startsWith(word.slice(0, 2))));
    return wrong(value, message, isTaken ? { severity: 'warning' } : {});
  },
};

const accounted = ['task', 'energy', 'network', 'filesystem'];

/** `--acctg-freq`: seconds for each kind of data; a number alone is for tasks. */
export const frequency: Form = {
  values: accounted.map((word) => [`${word}=30`, l10n.later('every 30 s')]),
  check: (value) =>
    partsOf(value, ',').flatMap(({ text, start, end }) => {
      if (text === '') return [];
      const [, name, interval] = /^(?:(\w+)=)?(\d+)$/.exec(text) ?? [];
      if (interval === undefined) {
        const message = l10n.t('`{0}` is not `type=seconds`, with one of {1}.', text, accounted.join(', '));
        // sbatch reads as far as there are digits.
        const isTaken = new RegExp(`^(?:(?:${accounted.join('|')})=)?\\d`, 'i').test(text);
        return [{ start, end, message, ...(isTaken && { severity: 'warning' as const }) }];
      }
      return name === undefined ? [] : checkWord({ text: name, start, end: start + name.length }, accounted);
    }),
};

/** `--distribution`: over nodes, sockets and cores, with colons; `,Pack` or `,NoPack`. */
export const distribution: Form = {
  values: [
    ['block', l10n.later('fill one node after the other')],
    ['cyclic', l10n.later('one task on each node in turn')],
    ['plane=2', l10n.later('blocks of two tasks on each node in turn')],
    ['arbitrary', l10n.later('as SLURM_HOSTFILE says')],
    ['block:cyclic', l10n.later('nodes filled one after the other, sockets in turn')],
  ],
  check(value) {
    const [levels = '', ...packs] = value.split(',');
    const badPack = packs.find((word) => !/^(?:(?:no)?pack)?$/i.test(word));
    const [nodes = '', ...others] = levels.split(':');
    const alone = /^(?:arbitrary|hostfile|plane=0*[1-9]\d*|(?:no)?pack(?:,(?:no)?pack)?)$/i.test(value);
    const isFirst = /^(?:|\*|block|cyclic)$/i.test(nodes);
    const known = isFirst && others.length <= 2 && others.every((word) => /^(?:|\*|block|cyclic|fcyclic)$/i.test(word));
    if (alone || (known && badPack === undefined && packs.length <= 1)) return [];
    return wrong(
      value,
      l10n.t(
        '`{0}` is no distribution: `block`, `cyclic`, `plane=size` or `arbitrary`, then for sockets and cores `:block`, `:cyclic` or `:fcyclic`.',
        value,
      ),
    );
  },
};
