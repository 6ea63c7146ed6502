/** Text that something else fills in before the script is submitted: templates, variables, marks that a person replaces. */
import type { Span } from '../text/span.ts';

const placeholder = new RegExp(
  [
    /\$|`/, // variables of a shell
    /\{\{|\}\}|\{%|%\}|<%|%>|#\{|\[\[|\]\]|<[^<>]*>/, // Jinja, ERB, Ruby
    /\{[A-Za-z_][^{}\s]*\}|\{\d*\}/, // Python's format
    /%\(\w+\)|%0?\d?[ds](?:[KMGTkmgt]?[Bb]?)(?![A-Za-z])/, // Python's %
    /%%|%[A-Za-z_]\w+%(?!\w)|@\w+@|__\w+__|!\w/,
    /\?\?\?|\.\.\.|…|\bX{2,}\b|X{3}|\bx{3,}\b/, // to be filled in by hand
  ]
    .map(({ source }) => source)
    .join('|'),
);

/** Marks whose parts a shell would take for operators, or that have blanks in them. */
const spaced = /\{\{[^{}\n]*\}\}|<%[^<>\n]*%>|<\w[^<>\s]*>|%\(\w+\)/g;

/** Where in a text marks stand that are one thing, though they hold blanks or punctuation. */
export function spacedPlaceholders(text: string): readonly Span[] {
  return Array.from(text.matchAll(spaced), ({ index, 0: { length } }) => ({ start: index, end: index + length }));
}

/** Is (a part of) this value to be replaced? */
export function isPlaceholder(value: string): boolean {
  return placeholder.test(value);
}

/** `WALLTIME`, `NUM_NODES`: what programs that write scripts replace, and people leave behind; maybe meant as it stands. */
export function mayBePlaceholder(value: string): boolean {
  return /^[A-Z][A-Z0-9_]*$/.test(value) && value.length > 2 && !/^\d/.test(value);
}
