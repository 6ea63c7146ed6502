/** Values that are one of a few words. */
import * as l10n from '../../text/l10n.ts';
import { nearestName } from '../../text/nearest.ts';
import { type Form, type Meaning, type Part, partsOf, type ValueIssue } from './form.ts';

type Meanings = readonly (readonly [string, Meaning])[];

/** One of `words`, in any case. A word may be given with its meaning. */
export function choice(...words: readonly (string | readonly [string, Meaning])[]): Form {
  const values: Meanings = words.map((word) => (typeof word === 'string' ? [word, ''] : word));
  return {
    values,
    isWord: true,
    check: (value) =>
      checkWord(
        { text: value, start: 0, end: value.length },
        values.map(([word]) => word),
      ),
  };
}

/** Some of `words`, with commas between, in any case; sbatch passes over empty items. */
export function choices(...words: readonly (string | readonly [string, Meaning])[]): Form {
  const values: Meanings = words.map((word) => (typeof word === 'string' ? [word, ''] : word));
  const names = values.map(([word]) => word);
  return {
    values,
    isWord: true,
    check: (value) => partsOf(value, ',').flatMap((part) => (part.text === '' ? [] : checkWord(part, names))),
  };
}

/** `exact`: capitals count. */
export function checkWord(part: Part, words: readonly string[], exact = false): readonly ValueIssue[] {
  const { text, start, end } = part;
  if (words.some((word) => (exact ? word === text : word.toLowerCase() === text.toLowerCase()))) return [];
  const near = nearestWord(text, words);
  const known =
    words.length === 1 ? `\`${words[0]}\`` : l10n.t('one of {0}', words.map((word) => `\`${word}\``).join(', '));
  const message =
    text === '' ? l10n.t('A word is missing here: {0}.', known) : l10n.t('`{0}` is not {1}.', text, known);
  return [{ start, end, message, ...(near !== undefined && { replacement: near }) }];
}

/** As a word of `choice`, and what else the command makes one of them of: that is told as a warning. */
export function lenientChoice(taken: RegExp, ...words: readonly string[]): Form {
  const form = choice(...words);
  return {
    ...form,
    check: (value) => form.check(value).map((issue) => (taken.test(value) ? { ...issue, severity: 'warning' } : issue)),
  };
}

/** The word that was probably meant: a near one, or the only one that begins so. */
export function nearestWord(text: string, words: readonly string[]): string | undefined {
  const begun = words.filter((word) => text.length > 1 && word.toLowerCase().startsWith(text.toLowerCase()));
  return nearestName(text, words) ?? (begun.length === 1 ? begun[0] : undefined);
}
