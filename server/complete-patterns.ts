/** Proposals inside patterns: classes and assertions behind a backslash, kinds of groups behind `(`, sets behind `[`. */
import { CompletionItemKind } from 'vscode-languageserver';
import type { Proposal } from './completion.ts';
import type { Cursor } from './cursor.ts';

type Parts = readonly (readonly [text: string, doc: string])[];

const escapes: Parts = [
  ['\\d', 'A digit, of any script.'],
  ['\\D', 'No digit.'],
  ['\\w', 'A letter, a digit or `_`.'],
  ['\\W', 'None of those.'],
  ['\\s', 'White space.'],
  ['\\S', 'No white space.'],
  ['\\b', 'The edge of a word.'],
  ['\\B', 'No edge of a word.'],
  ['\\A', 'The start of the line.'],
  ['\\Z', 'The end of the line.'],
  ['\\t', 'A tabulator.'],
  ['\\.', 'A dot.'],
  ['\\[', 'A bracket.'],
  ['\\(', 'A parenthesis.'],
  ['\\\\', 'A backslash.'],
];

/** The text behind `(`, with the snippet's stops. */
const groups: readonly (readonly [label: string, snippet: string, doc: string])[] = [
  ['(?P<name>…)', '(?P<${1:name}>$2', 'A group with a name, which conditions and actions use.'],
  ['(?:…)', '(?:$1', 'A group that captures nothing.'],
  ['(?i:…)', '(?i:$1', 'Upper and lower case are the same in this group.'],
  ['(?a:…)', '(?a:$1', '`\\d`, `\\w`, `\\s` are ASCII only in this group.'],
  ['(?#…)', '(?#$1', 'A comment.'],
];

const sets: Parts = [
  ['[\\d.]', 'Digits and dots: a number with decimals.'],
  ['[\\d.eE+-]', 'A number, perhaps with an exponent.'],
  ['[^\\s]', 'No white space.'],
  ['[0-9]', 'ASCII digits.'],
  ['[A-Za-z]', 'ASCII letters.'],
  ['[0-9a-fA-F]', 'Hexadecimal digits.'],
];

export function patternItems(cursor: Cursor & { kind: 'pattern' }): readonly Proposal[] {
  const { typed, closed } = cursor;
  const literal = ([text, doc]: Parts[number]): Proposal => ({
    label: text,
    snippet: closed && text.endsWith(']') ? escapeSnippet(text.slice(0, -1)) : escapeSnippet(text),
    doc,
    kind: CompletionItemKind.Value,
  });
  if (typed.startsWith('\\')) return escapes.map(literal);
  if (typed.startsWith('[')) return sets.map(literal);
  return groups.map(([label, snippet, doc]) => ({
    label,
    snippet: closed ? snippet : `${snippet})`,
    doc,
    kind: CompletionItemKind.Snippet,
  }));
}

function escapeSnippet(text: string): string {
  return text.replace(/[\\$}]/g, '\\$&');
}
