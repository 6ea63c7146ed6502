/** Markdown for tooltips. Every value goes into a code span, so that nothing a job prints becomes a link, an image or markup. */
import { stripControls } from './plain-text.ts';

const maxValueLength = 1000;

/** `value` as a code span: line breaks become blanks, the fence is longer than any run of backticks inside. */
export function inlineCode(value: string): string {
  const clean = stripControls(value).replace(/\s*\n\s*/g, ' ');
  const text = clean.length > maxValueLength ? `${clean.slice(0, maxValueLength)}…` : clean;
  if (text.trim() === '') return '–';
  const longestRun = Math.max(0, ...[...text.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longestRun + 1);
  const pad = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${text}${pad}${fence}`;
}

/** One line of a tooltip. `name` is ours, `value` may be anybody's. */
export function fieldLine(name: string, value: string | number | undefined): string | undefined {
  return value === undefined ? undefined : `${name}: ${inlineCode(String(value))}`;
}

/** The lines that are there, each on a line of its own. */
export function joinLines(lines: readonly (string | undefined)[]): string {
  return lines.filter((line) => line !== undefined).join('  \n');
}
