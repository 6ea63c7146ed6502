/** Puts the values of variables into texts: the parameters of actions (section 7 of the language) and resubmitted scripts (section 8). */
import { parseTemplate, type TemplatePart } from './parse-template.ts';

type Lookup = (name: string) => string | undefined;

/** `$name`, `${name}`, `${name:-default}`, `${name:+word}`, `$$`. What `lookup` does not know stays as it stands. */
export function interpolate(text: string, lookup: Lookup): string {
  const write = (part: TemplatePart): string => {
    const source = text.slice(part.span.start, part.span.end);
    if (part.kind === 'text') return source;
    if (part.kind === 'dollar') return '$';
    const value = lookup(part.name);
    if (part.operator === ':-') return value ? value : part.word.map(write).join('');
    if (part.operator === ':+') return value ? part.word.map(write).join('') : '';
    return value ?? source;
  };
  return parseTemplate(text).map(write).join('');
}

/**
 * The same for a script, where `$name`, `$$` and everything that `lookup` does not know are the shell's own: only `${name}`,
 * `${name:-default}` and `${name:+word}` of known names are replaced, also inside of others. A `\${` is left alone.
 */
export function interpolateScript(text: string, lookup: Lookup): string {
  const write = (part: TemplatePart): string => {
    const source = text.slice(part.span.start, part.span.end);
    if (part.kind !== 'variable' || !part.braced || isEscaped(text, part.span.start)) return source;
    const value = lookup(part.name);
    const word = () => part.word.map(write).join('');
    if (value === undefined) {
      return part.operator ? `\${${part.name}${part.operator}${word()}}` : source;
    }
    if (part.operator === ':-') return value === '' ? word() : value;
    if (part.operator === ':+') return value === '' ? '' : word();
    return value;
  };
  return parseTemplate(text).map(write).join('');
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === '\\') backslashes++;
  return backslashes % 2 === 1;
}
