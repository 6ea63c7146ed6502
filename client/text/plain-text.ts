/** Text that came from outside (a job, a server, a scheduler), made harmless for the places of VS Code that give some of it a meaning. */
import { stripControls } from '../../engine/text/plain-text.ts';

export { stripControls };

/**
 * One line of at most `maxLength` characters in which VS Code finds neither a link nor an icon: notifications and input
 * boxes turn `[text](command:…)` into something to click, labels turn `$(name)` into an icon.
 */
export function plainLine(text: string, maxLength = 500): string {
  const line = stripControls(text).replace(/\s+/g, ' ').trim().replace(/\]\(/g, '] (').replace(/\$\(/g, '$ (');
  return line.length > maxLength ? `${line.slice(0, maxLength - 1)}…` : line;
}
