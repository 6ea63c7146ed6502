/** Reads the words of a directive as options, the way the scheduler's own command does. */
import type { Span } from '../text/span.ts';
import type { Dialect } from './dialect.ts';
import type { OptionInfo } from './option-info.ts';
import type { Word } from './words.ts';

export interface DirectiveOption {
  /** Long name without dashes, `job-name`; as it is written where it is not known. */
  readonly name: string;
  /** `-J` or `--job-name`, as it is written. */
  readonly spelling: string;
  /** What is known of it. */
  readonly info?: OptionInfo;
  readonly value?: string;
  readonly span: Span;
  readonly nameSpan: Span;
  readonly valueSpan?: Span;
  /** For each character of `value`, its offset in the document. */
  readonly valueOffsets?: readonly number[];
}

export interface ReadOptions {
  readonly options: readonly DirectiveOption[];
  /** The first word that is no option, and all behind it: they are not read. */
  readonly strays: readonly Word[];
}

/** Reading ends at the first word that is no option, and at `--`. */
export function readOptions(words: readonly Word[], dialect: Dialect): ReadOptions {
  const options: DirectiveOption[] = [];
  for (let index = 0; index < words.length; ) {
    const word = words[index];
    if (!word) break;
    if (word.text === '--') return { options, strays: [] };
    if (word.text === '-' || !word.text.startsWith('-')) return { options, strays: words.slice(index) };
    const following = words.slice(index + 1, index + 3);
    const read =
      dialect.style === 'one-dash'
        ? readOneDash(word, following, dialect)
        : word.text.startsWith('--')
          ? readLong(word, following[0], dialect)
          : readShort(word, following[0], dialect);
    options.push(...read.options);
    index += 1 + read.taken;
  }
  return { options, strays: [] };
}

interface Read {
  readonly options: readonly DirectiveOption[];
  /** How many of the words behind belong to it. */
  readonly taken: number;
}

type Named = Pick<DirectiveOption, 'name' | 'spelling' | 'nameSpan' | 'info'>;

function named(word: Word, end: number, written: string, info: OptionInfo | undefined): Named {
  const spelling = word.text.slice(0, end);
  return { name: info?.name ?? written, spelling, nameSpan: spanOf(word, 0, end), ...(info && { info }) };
}

function readLong(word: Word, next: Word | undefined, dialect: Dialect): Read {
  const equals = word.text.indexOf('=');
  const end = equals < 0 ? word.text.length : equals;
  const written = word.text.slice(0, end).replace(/^--?/, '');
  const info = dialect.find(written, true);
  const option = named(word, end, written, info);
  if (equals >= 0) return { options: [{ ...option, ...valueBehind(word, equals + 1), span: word.span }], taken: 0 };
  return withNext(option, word, next, takesNext(info, next, dialect));
}

/** `-N 2`, `-n4`, and flags together: `-Hv`. */
function readShort(word: Word, next: Word | undefined, dialect: Dialect): Read {
  const options: DirectiveOption[] = [];
  for (let at = 1; at < word.text.length; at++) {
    const letter = word.text[at] ?? '';
    const info = dialect.find(letter, false);
    const nameSpan = at === 1 ? spanOf(word, 0, 2) : spanOf(word, at, at + 1);
    const option = { name: info?.name ?? letter, spelling: `-${letter}`, nameSpan, ...(info && { info }) };
    if (info?.argument === 'none') {
      options.push({ ...option, span: nameSpan });
      continue;
    }
    if (at + 1 < word.text.length) {
      const span = { start: nameSpan.start, end: word.span.end };
      // Python's argparse takes `-c=8` too; for getopt the `=` is part of the value.
      const skipped = dialect.style === 'argparse' && at === 1 && word.text[2] === '=' ? 1 : 0;
      options.push({ ...option, ...valueBehind(word, at + 1 + skipped), span });
      return { options, taken: 0 };
    }
    const last = withNext(option, word, next, takesNext(info, next, dialect));
    return { options: [...options, ...last.options], taken: last.taken };
  }
  return { options, taken: 0 };
}

function readOneDash(word: Word, following: readonly Word[], dialect: Dialect): Read {
  const written = word.text.replace(/^--?/, '');
  const info = dialect.find(written, false);
  const [next, second] = following;
  if (info?.argument === 'pair' && next && second && !next.text.startsWith('-')) {
    const valueSpan = { start: next.span.start, end: second.span.end };
    const option = named(word, word.text.length, written, info);
    const value = `${next.text} ${second.text}`;
    const valueOffsets = [...next.offsets, next.span.end, ...second.offsets];
    const span = { start: word.span.start, end: second.span.end };
    return { options: [{ ...option, value, valueSpan, valueOffsets, span }], taken: 2 };
  }
  const glued = !info && dialect.glued ? gluedLength(written, dialect) : undefined;
  if (glued !== undefined) {
    const known = dialect.find(written.slice(0, glued), false);
    const end = word.text.length - written.length + glued;
    const option = named(word, end, written.slice(0, glued), known);
    return { options: [{ ...option, ...valueBehind(word, end), span: word.span }], taken: 0 };
  }
  return withNext(named(word, word.text.length, written, info), word, next, takesNext(info, next, dialect));
}

/** `-n4`, `-W2:00`: how much of the word is the option's name. Letters that go on are another option's. */
function gluedLength(written: string, dialect: Dialect): number | undefined {
  for (let length = Math.min(written.length - 1, 6); length >= 1; length--) {
    const info = dialect.find(written.slice(0, length), false);
    const isValue = /^[\d"'/%[.~$]/.test(written[length] ?? '') || length > 1;
    if (info && info.argument !== 'none' && isValue) return length;
  }
  return undefined;
}

function withNext(option: Named, word: Word, next: Word | undefined, takes: boolean): Read {
  if (!next || !takes)
    return { options: [{ ...option, span: { start: option.nameSpan.start, end: word.span.end } }], taken: 0 };
  const span = { start: option.nameSpan.start, end: next.span.end };
  const value = { value: next.text, valueSpan: next.span, valueOffsets: next.offsets };
  return { options: [{ ...option, ...value, span }], taken: 1 };
}

/** An option that needs a value takes the next word, whatever it looks like; an unknown one if that looks like a value. */
function takesNext(info: OptionInfo | undefined, next: Word | undefined, dialect: Dialect): boolean {
  if (!next) return false;
  const isOption = next.text.startsWith('-') && next.text.length > 1;
  if (!info || info.argument === 'unsure') return !isOption;
  if (info.argument === 'optional') return dialect.style === 'argparse' && !isOption;
  if (info.argument === 'none') return false;
  return dialect.style === 'argparse'
    ? !isOption || /^-\d/.test(next.text)
    : dialect.style === 'getopt' || !isOption || next.text.length > 3;
}

/** The rest of a word, as the value of what stands before it. A quoted value starts at its quote. */
function valueBehind(
  word: Word,
  from: number,
): Pick<DirectiveOption, 'value' | 'valueSpan' | 'valueOffsets'> & { readonly value: string } {
  const start = from < word.text.length ? (word.offsets[from - 1] ?? word.span.start) + 1 : word.span.end;
  const valueSpan = { start, end: word.span.end };
  return { value: word.text.slice(from), valueSpan, valueOffsets: word.offsets.slice(from) };
}

function spanOf(word: Word, start: number, end: number): Span {
  const last = word.offsets[end - 1] ?? word.span.end - 1;
  return { start: word.offsets[start] ?? word.span.start, end: last + 1 };
}

/** Where a part of an option's value stands in the document. */
export function valuePart(option: DirectiveOption, start: number, end: number): Span {
  const { valueOffsets = [], valueSpan = option.span } = option;
  if (start === 0 && end >= valueOffsets.length) return valueSpan;
  const from = valueOffsets[start] ?? valueSpan.end;
  const last = valueOffsets[end - 1];
  return { start: from, end: end > start && last !== undefined ? last + 1 : from };
}
