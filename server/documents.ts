/** Open documents and what is known about them: each version is read once. */
import { TextDocuments } from 'vscode-languageserver';
import { type Position, type Range, TextDocument } from 'vscode-languageserver-textdocument';
import { checkScript } from '../language/check/check-script.ts';
import type { Problem } from '../language/problem/problem.ts';
import { parseScript, type ScriptDocument } from '../language/script/parse-script.ts';
import type { Span } from '../language/text/span.ts';
import type { Settings } from './settings.ts';

export interface Analysis {
  readonly uri: string;
  readonly version: number;
  readonly script: ScriptDocument;
  readonly problems: readonly Problem[];
  positionAt(offset: number): Position;
  rangeOf(span: Span): Range;
  offsetAt(position: Position): number;
}

export function createDocuments(): TextDocuments<TextDocument> {
  return new TextDocuments(TextDocument);
}

/** Gives a document's analysis, the same one as long as the document does not change. */
export type Analyser = (document: TextDocument) => Analysis;

/** `settings` gives those that hold now; new ones are a new object. */
export function createAnalyser(settings: () => Settings): Analyser {
  // An analysis lives as long as its document; an update changes the document in place, so its version tells.
  const analyses = new WeakMap<TextDocument, { readonly analysis: Analysis; readonly settings: Settings }>();
  return (document) => {
    const known = analyses.get(document);
    const current = settings();
    if (known?.analysis.version === document.version && known.settings === current) return known.analysis;
    const analysis = analyse(document, current);
    analyses.set(document, { analysis, settings: current });
    return analysis;
  };
}

function analyse(document: TextDocument, settings: Settings): Analysis {
  const { uri, version } = document;
  const script = parseScript(document.getText());
  const positionAt = (offset: number) => document.positionAt(offset);
  return {
    uri,
    version,
    script,
    problems: checkScript(script, settings),
    positionAt,
    rangeOf: (span) => ({ start: positionAt(span.start), end: positionAt(span.end) }),
    offsetAt: (position) => document.offsetAt(position),
  };
}
