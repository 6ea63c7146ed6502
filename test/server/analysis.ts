/** Analyses of texts for tests of features; `¦` in a text is the cursor. */
import { type Range, TextDocument } from 'vscode-languageserver-textdocument';
import { type Analysis, createAnalyser } from '../../server/documents.ts';
import { createRelatedFiles, type FolderEntry } from '../../server/related-files.ts';
import { defaultSettings } from '../../server/settings.ts';

/** The files that workflow files of tests may name. */
export const scripts: { readonly [path: string]: string } = {
  '/work/emit.sh': '#!/bin/bash\n#WATCHER pattern="loss (\\S+)" captures=[loss] action=emit_event(name="converged")\n',
  '/work/child.vigil.yaml': 'params:\n  lr: 0.1\n  tag: x\nsteps:\n  - run: echo ${{ params.lr }}\n',
  '/work/jobs/deep.sh': '#!/bin/bash\n',
};

const files = createRelatedFiles(
  () => [],
  (path) => scripts[path],
  (folder) => entriesOf(folder),
);

/** What of `scripts` is in a folder. */
function entriesOf(folder: string): readonly FolderEntry[] {
  const inside = Object.keys(scripts)
    .filter((path) => path.startsWith(`${folder}/`))
    .map((path) => path.slice(folder.length + 1).split('/'));
  const folders = inside.filter(({ length }) => length > 1).map(([name = '']) => name);
  return [
    ...inside.filter(({ length }) => length === 1).map(([name = '']) => ({ name, isFolder: false })),
    ...[...new Set(folders)].map((name) => ({ name, isFolder: true })),
  ];
}

const analysisOf = createAnalyser(() => defaultSettings, files);

export function analyse(text: string, uri = 'file:///work/job.sh'): Analysis {
  return analysisOf(TextDocument.create(uri, 'shellscript', 1, text));
}

export function atCursor(marked: string): { readonly analysis: Analysis; readonly offset: number } {
  const offset = marked.indexOf('¦');
  return { analysis: analyse(marked.replace('¦', '')), offset };
}

export function textOf(analysis: Analysis, range: Range): string {
  return analysis.script.text.slice(analysis.offsetAt(range.start), analysis.offsetAt(range.end));
}

export function applyEdits(analysis: Analysis, edits: readonly { range: Range; newText: string }[]): string {
  return TextDocument.applyEdits(TextDocument.create('a:', 'a', 1, analysis.script.text), [...edits]);
}

export function wholeRange(analysis: Analysis): Range {
  return analysis.rangeOf({ start: 0, end: analysis.script.text.length });
}

export const block = (...lines: readonly string[]) =>
  ['#!/bin/bash', '#WATCHER_BEGIN', ...lines, '#WATCHER_END', ''].join('\n');
