/** Text that came from outside (a job, a server, a scheduler), made harmless for the places of VS Code that give some of it a meaning. */

/** A complete terminal escape sequence (ECMA-48): CSI, OSC and other strings, or a two-character one. */
const escapeSequence =
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)|[ -/]+[0-~]|[0-Z\\^-~])|\u009b[0-?]*[ -/]*[@-~]/g;

/** Everything below a blank but tab and line feed, DEL, the C1 controls, and what changes the direction of text. */
const controlCharacter = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Without terminal escapes and control characters; line ends (also a lone carriage return, as a progress bar prints) become `\n`. */
export function stripControls(text: string): string {
  return text.replace(escapeSequence, '').replace(/\r\n?/g, '\n').replace(controlCharacter, '');
}

/**
 * One line of at most `maxLength` characters in which VS Code finds neither a link nor an icon: notifications and input
 * boxes turn `[text](command:…)` into something to click, labels turn `$(name)` into an icon.
 */
export function plainLine(text: string, maxLength = 500): string {
  const line = stripControls(text).replace(/\s+/g, ' ').trim().replace(/\]\(/g, '] (').replace(/\$\(/g, '$ (');
  return line.length > maxLength ? `${line.slice(0, maxLength - 1)}…` : line;
}
