/** Directives that stand together: only blank lines and comments between them. */
import type { Directive } from '../directives/directive.ts';
import type { ScriptDocument } from './parse-script.ts';

export type DirectiveRun = readonly [Directive, ...Directive[]];

/** In the order of the script; a run has directives of one scheduler. */
export function directiveRuns({ lines, directives }: ScriptDocument): readonly DirectiveRun[] {
  const runs: [Directive, ...Directive[]][] = [];
  let before: Directive | undefined;
  for (const directive of directives) {
    const run = runs.at(-1);
    const between = before ? lines.slice(before.line + 1, directive.line) : [];
    const isTogether = between.every(({ kind }) => kind === 'blank' || kind === 'comment');
    if (run && before?.scheduler === directive.scheduler && isTogether) run.push(directive);
    else runs.push([directive]);
    before = directive;
  }
  return runs;
}
