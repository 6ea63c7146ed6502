/** Text that something else fills in before the script is submitted: templates, variables, marks that a person replaces. */

const placeholder =
  /\$|`|\{\{|\}\}|\{[A-Za-z_][\w.\-[\]]*\}|\{%|%\}|<[^<>]*>|%%|%[A-Za-z_]\w+%(?!\w)|@\w+@|__\w+__|\[\[|\]\]|#\{|\?\?\?|\.\.\.|…|!\w|\{\d*\}|\bX{2,}\b|X{3}|\bx{3,}\b/;

/** Is (a part of) this value to be replaced? */
export function isPlaceholder(value: string): boolean {
  return placeholder.test(value);
}

/** `WALLTIME`, `NUM_NODES`: what programs that write scripts replace, and people leave behind; maybe meant as it stands. */
export function mayBePlaceholder(value: string): boolean {
  return /^[A-Z][A-Z0-9_]*$/.test(value) && value.length > 2 && !/^\d/.test(value);
}
