/** Markdown for tooltips. Every value goes into a code span, so that nothing a job prints becomes a link, an image or markup. */
import { inlineCode } from '../../engine/text/plain-text.ts';

export { inlineCode };

/** One line of a tooltip. `name` is ours, `value` may be anybody's. */
export function fieldLine(name: string, value: string | number | undefined): string | undefined {
  return value === undefined ? undefined : `${name}: ${inlineCode(String(value))}`;
}

/** The lines that are there, each on a line of its own. */
export function joinLines(lines: readonly (string | undefined)[]): string {
  return lines.filter((line) => line !== undefined).join('  \n');
}
