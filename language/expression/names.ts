/** The names that a condition may use, with what completion and hover say about them. */

export interface NameInfo {
  readonly signature: string;
  readonly doc: string;
}

type Names = { readonly [name: string]: NameInfo };

export const functions: Names = {
  float: {
    signature: 'float(x)',
    doc: 'The text or number `x` as a floating-point number. Captures are text: write `float(loss) > 5`.',
  },
  int: { signature: 'int(x, base=10)', doc: 'The text or number `x` as a whole number.' },
  str: { signature: 'str(x)', doc: '`x` as text.' },
  len: { signature: 'len(x)', doc: 'The number of characters of a text, or of items of a list.' },
  abs: { signature: 'abs(x)', doc: 'The absolute value of a number.' },
  min: { signature: 'min(a, b, …)', doc: 'The smallest of its arguments, or of the items of a list.' },
  max: { signature: 'max(a, b, …)', doc: 'The largest of its arguments, or of the items of a list.' },
  round: { signature: 'round(x, ndigits=None)', doc: '`x` rounded to `ndigits` decimals, half to even.' },
  bool: { signature: 'bool(x)', doc: 'False for empty, zero and None; True otherwise.' },
  sum: { signature: 'sum(list, start=0)', doc: 'The sum of the items of a list.' },
  any: { signature: 'any(list)', doc: 'True if one item is true.' },
  all: { signature: 'all(list)', doc: 'True if no item is false.' },
  sorted: { signature: 'sorted(list, reverse=False)', doc: 'The items in order.' },
};

export const historyFunctions: Names = {
  history: {
    signature: 'history("capture", n=10)',
    doc: 'The last `n` values of a capture as floats, the latest last.',
  },
  mean: { signature: 'mean("capture", n)', doc: 'The mean of the last `n` values of a capture.' },
  rate: { signature: 'rate("capture", seconds)', doc: 'The change of a capture per second over the last `seconds`.' },
};

export const previousName = 'previous';

export const variables: Names = {
  line: { signature: 'line: str', doc: 'The line that matched.' },
  stream: { signature: 'stream: str', doc: '`stdout` or `stderr`: where the line was printed.' },
  job_id: { signature: 'job_id: str', doc: 'The id of the job.' },
  job_name: { signature: 'job_name: str', doc: 'The name of the job.' },
  job_state: { signature: 'job_state: str', doc: 'The state of the job now.' },
  job_end_state: { signature: 'job_end_state: str', doc: 'The state in which the job ended; empty while it runs.' },
  elapsed: { signature: 'elapsed: float', doc: 'Seconds since the job started.' },
  trigger_count: { signature: 'trigger_count: int', doc: 'How often this watcher has run its actions.' },
  match_count: { signature: 'match_count: int', doc: 'How often this watcher’s pattern has matched.' },
  [previousName]: {
    signature: 'previous["capture"]',
    doc: 'The value of a capture at the match before this one, or None.',
  },
};

export const methods: Names = {
  lower: { signature: 'lower()', doc: 'In lower case.' },
  upper: { signature: 'upper()', doc: 'In upper case.' },
  strip: { signature: 'strip(chars=None)', doc: 'Without white space (or `chars`) at both ends.' },
  lstrip: { signature: 'lstrip(chars=None)', doc: 'Without white space (or `chars`) at the start.' },
  rstrip: { signature: 'rstrip(chars=None)', doc: 'Without white space (or `chars`) at the end.' },
  startswith: { signature: 'startswith(prefix)', doc: 'Does the text start with `prefix`?' },
  endswith: { signature: 'endswith(suffix)', doc: 'Does the text end with `suffix`?' },
  replace: { signature: 'replace(old, new, count=-1)', doc: 'With every `old` replaced by `new`.' },
  split: { signature: 'split(sep=None, maxsplit=-1)', doc: 'The list of its words, or of the parts between `sep`.' },
  count: { signature: 'count(sub)', doc: 'How often `sub` occurs.' },
  find: { signature: 'find(sub)', doc: 'Where `sub` first occurs, -1 if nowhere.' },
  isdigit: { signature: 'isdigit()', doc: 'Are all characters digits (and is there one)?' },
};

/** Names that a capture may not take: it would hide them. */
export function isReservedName(name: string): boolean {
  return Object.hasOwn(functions, name) || Object.hasOwn(historyFunctions, name) || Object.hasOwn(variables, name);
}
