/** Text that came from outside (a job, a server, a scheduler) without what gives some of it a meaning. Pure; for every client. */

/** A complete terminal escape sequence (ECMA-48): CSI, OSC and other strings, or a two-character one. */
const escapeSequence =
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)|[ -/]+[0-~]|[0-Z\\^-~])|\u009b[0-?]*[ -/]*[@-~]/g;

/** Everything below a blank but tab and line feed, DEL, the C1 controls, and what changes the direction of text. */
const controlCharacter = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const maxValueLength = 1000;

/** Without terminal escapes and control characters; line ends (also a lone carriage return, as a progress bar prints) become `\n`. */
export function stripControls(text: string): string {
  return text.replace(escapeSequence, '').replace(/\r\n?/g, '\n').replace(controlCharacter, '');
}

/** `value` as a code span of Markdown: line breaks become blanks, the fence is longer than any run of backticks inside. */
export function inlineCode(value: string): string {
  const clean = stripControls(value).replace(/\s*\n\s*/g, ' ');
  const text = clean.length > maxValueLength ? `${clean.slice(0, maxValueLength)}…` : clean;
  if (text.trim() === '') return '–';
  const longestRun = Math.max(0, ...[...text.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longestRun + 1);
  const pad = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${text}${pad}${fence}`;
}
