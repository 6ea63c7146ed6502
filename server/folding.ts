/**
 * Folding: watcher blocks, runs of directives and of inline watchers, regions, and what is indented. An editor that has folding
 * ranges from a server no longer folds by indentation itself, so that the rest of the script must be told too.
 */
import { type FoldingRange, FoldingRangeKind } from 'vscode-languageserver';
import { indentedRanges } from '../language/script/indented-ranges.ts';
import { regionRanges } from '../language/script/region-ranges.ts';
import type { LineKind, ScriptLine } from '../language/script/script-line.ts';
import { lineAt } from './cursor.ts';
import type { Analysis } from './documents.ts';
import { workflowFolding } from './workflow-structure.ts';

export function foldingRanges(analysis: Analysis): FoldingRange[] {
  const { script, workflow } = analysis;
  if (workflow) return workflowFolding(analysis, workflow);
  const blocks = script.watchers
    .filter(({ form }) => form === 'block')
    .map(({ line, span }) => ({ startLine: line, endLine: lineAt(script, span.end), kind: FoldingRangeKind.Region }));
  const setups = script.loginSetup.map(({ beginLine, endLine }) => ({
    startLine: beginLine,
    endLine,
    kind: FoldingRangeKind.Region,
  }));
  const ranges = [
    ...blocks,
    ...setups,
    ...runsOf(script.lines, 'directive'),
    ...runsOf(script.lines, 'watcher'),
    ...regionRanges(script).map((range) => ({ ...range, kind: FoldingRangeKind.Region })),
    ...indentedRanges(script),
  ];
  return ranges.filter(({ startLine, endLine }) => endLine > startLine).sort((a, b) => a.startLine - b.startLine);
}

/** Lines of one kind, one after the other. */
function runsOf(lines: readonly ScriptLine[], kind: LineKind): readonly FoldingRange[] {
  const runs: FoldingRange[] = [];
  lines.forEach((line, index) => {
    if (line.kind !== kind) return;
    const last = runs.at(-1);
    if (last?.endLine === index - 1) last.endLine = index;
    else runs.push({ startLine: index, endLine: index });
  });
  return runs;
}
