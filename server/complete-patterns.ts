/** Proposals inside patterns: classes and assertions behind a backslash, kinds of groups behind `(`, sets behind `[`. */

import { CompletionItemKind } from 'vscode-languageserver';
import * as l10n from '../language/text/l10n.ts';
import type { Proposal } from './completion.ts';
import type { Cursor } from './cursor.ts';

type Parts = readonly (readonly [text: string, doc: l10n.LaterText])[];

const escapes: Parts = [
  ['\\d', l10n.later('A digit, of any script.')],
  ['\\D', l10n.later('No digit.')],
  ['\\w', l10n.later('A letter, a digit or `_`.')],
  ['\\W', l10n.later('None of those.')],
  ['\\s', l10n.later('White space.')],
  ['\\S', l10n.later('No white space.')],
  ['\\b', l10n.later('The edge of a word.')],
  ['\\B', l10n.later('No edge of a word.')],
  ['\\A', l10n.later('The start of the line.')],
  ['\\Z', l10n.later('The end of the line.')],
  ['\\t', l10n.later('A tabulator.')],
  ['\\.', l10n.later('A dot.')],
  ['\\[', l10n.later('A bracket.')],
  ['\\(', l10n.later('A parenthesis.')],
  ['\\\\', l10n.later('A backslash.')],
];

/** The text behind `(`, with the snippet's stops. */
const groups: readonly (readonly [label: string, snippet: string, doc: l10n.LaterText])[] = [
  ['(?P<name>…)', '(?P<${1:name}>$2', l10n.later('A group with a name, which conditions and actions use.')],
  ['(?:…)', '(?:$1', l10n.later('A group that captures nothing.')],
  ['(?i:…)', '(?i:$1', l10n.later('Upper and lower case are the same in this group.')],
  ['(?a:…)', '(?a:$1', l10n.later('`\\d`, `\\w`, `\\s` are ASCII only in this group.')],
  ['(?#…)', '(?#$1', l10n.later('A comment.')],
];

const sets: Parts = [
  ['[\\d.]', l10n.later('Digits and dots: a number with decimals.')],
  ['[\\d.eE+-]', l10n.later('A number, perhaps with an exponent.')],
  ['[^\\s]', l10n.later('No white space.')],
  ['[0-9]', l10n.later('ASCII digits.')],
  ['[A-Za-z]', l10n.later('ASCII letters.')],
  ['[0-9a-fA-F]', l10n.later('Hexadecimal digits.')],
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
