/** The names that a condition may use, with what completion and hover say about them. */
import * as l10n from '../text/l10n.ts';

export interface NameInfo {
  readonly signature: string;
  readonly doc: l10n.LaterText;
}

type Names = { readonly [name: string]: NameInfo };

export const functions: Names = {
  float: {
    signature: 'float(x)',
    doc: l10n.later('The text or number `x` as a floating-point number. Captures are text: write `float(loss) > 5`.'),
  },
  int: { signature: 'int(x, base=10)', doc: l10n.later('The text or number `x` as a whole number.') },
  str: { signature: 'str(x)', doc: l10n.later('`x` as text.') },
  len: { signature: 'len(x)', doc: l10n.later('The number of characters of a text, or of items of a list.') },
  abs: { signature: 'abs(x)', doc: l10n.later('The absolute value of a number.') },
  min: { signature: 'min(a, b, …)', doc: l10n.later('The smallest of its arguments, or of the items of a list.') },
  max: { signature: 'max(a, b, …)', doc: l10n.later('The largest of its arguments, or of the items of a list.') },
  round: {
    signature: 'round(x, ndigits=None)',
    doc: l10n.later('`x` rounded to `ndigits` decimals, half to even.'),
  },
  bool: { signature: 'bool(x)', doc: l10n.later('False for empty, zero and None; True otherwise.') },
  sum: { signature: 'sum(list, start=0)', doc: l10n.later('The sum of the items of a list.') },
  any: { signature: 'any(list)', doc: l10n.later('True if one item is true.') },
  all: { signature: 'all(list)', doc: l10n.later('True if no item is false.') },
  sorted: { signature: 'sorted(list, reverse=False)', doc: l10n.later('The items in order.') },
};

export const historyFunctions: Names = {
  history: {
    signature: 'history("capture", n=10)',
    doc: l10n.later('The last `n` values of a capture as floats, the latest last.'),
  },
  mean: { signature: 'mean("capture", n)', doc: l10n.later('The mean of the last `n` values of a capture.') },
  rate: {
    signature: 'rate("capture", seconds)',
    doc: l10n.later('The change of a capture per second over the last `seconds`.'),
  },
};

export const previousName = 'previous';

export const variables: Names = {
  line: { signature: 'line: str', doc: l10n.later('The line that matched.') },
  stream: {
    signature: 'stream: str',
    doc: l10n.later('`stdout` or `stderr`: where the line was printed.'),
  },
  job_id: { signature: 'job_id: str', doc: l10n.later('The id of the job.') },
  job_name: { signature: 'job_name: str', doc: l10n.later('The name of the job.') },
  job_state: { signature: 'job_state: str', doc: l10n.later('The state of the job now.') },
  job_end_state: {
    signature: 'job_end_state: str',
    doc: l10n.later('The state in which the job ended; empty while it runs.'),
  },
  elapsed: { signature: 'elapsed: float', doc: l10n.later('Seconds since the job started.') },
  trigger_count: {
    signature: 'trigger_count: int',
    doc: l10n.later('How often this watcher has run its actions.'),
  },
  match_count: {
    signature: 'match_count: int',
    doc: l10n.later('How often this watcher’s pattern has matched.'),
  },
  [previousName]: {
    signature: 'previous["capture"]',
    doc: l10n.later('The value of a capture at the match before this one, or None.'),
  },
};

export const methods: Names = {
  lower: { signature: 'lower()', doc: l10n.later('In lower case.') },
  upper: { signature: 'upper()', doc: l10n.later('In upper case.') },
  strip: { signature: 'strip(chars=None)', doc: l10n.later('Without white space (or `chars`) at both ends.') },
  lstrip: { signature: 'lstrip(chars=None)', doc: l10n.later('Without white space (or `chars`) at the start.') },
  rstrip: { signature: 'rstrip(chars=None)', doc: l10n.later('Without white space (or `chars`) at the end.') },
  startswith: { signature: 'startswith(prefix)', doc: l10n.later('Does the text start with `prefix`?') },
  endswith: { signature: 'endswith(suffix)', doc: l10n.later('Does the text end with `suffix`?') },
  replace: {
    signature: 'replace(old, new, count=-1)',
    doc: l10n.later('With every `old` replaced by `new`.'),
  },
  split: {
    signature: 'split(sep=None, maxsplit=-1)',
    doc: l10n.later('The list of its words, or of the parts between `sep`.'),
  },
  count: { signature: 'count(sub)', doc: l10n.later('How often `sub` occurs.') },
  find: { signature: 'find(sub)', doc: l10n.later('Where `sub` first occurs, -1 if nowhere.') },
  isdigit: { signature: 'isdigit()', doc: l10n.later('Are all characters digits (and is there one)?') },
};

/** Names that a capture may not take: it would hide them. */
export function isReservedName(name: string): boolean {
  return Object.hasOwn(functions, name) || Object.hasOwn(historyFunctions, name) || Object.hasOwn(variables, name);
}
