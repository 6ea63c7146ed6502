/** Quick answers about a text that may be a batch script: enough for a button and a lens; the language server reads it properly. */

/** What schedulers and Vigil read in comments. */
const directiveLine = /^[ \t]*#(?:SBATCH|PBS|BSUB|OAR|COBALT|\$ -|flux:)[ \t:]?|^[ \t]*#WATCHER(?:_BEGIN)?(?=\s|$)/;
const shebangLine = /^#!/;

/** More of a long file is not looked at; directives stand at its beginning. */
const linesLookedAt = 500;

export interface ScriptLook {
  /** Has a shebang, a directive or a watcher: it can be submitted. */
  readonly isScript: boolean;
  /** Line, from 0, of the first directive or watcher. */
  readonly firstDirectiveLine: number | undefined;
}

export function lookAtScript(lineCount: number, lineAt: (line: number) => string): ScriptLook {
  const count = Math.min(lineCount, linesLookedAt);
  for (let line = 0; line < count; line += 1) {
    if (directiveLine.test(lineAt(line))) return { isScript: true, firstDirectiveLine: line };
  }
  return { isScript: lineCount > 0 && shebangLine.test(lineAt(0)), firstDirectiveLine: undefined };
}
