/** Open documents and what is known about them: each version is read once. */
import { TextDocuments } from 'vscode-languageserver';
import { type Position, type Range, TextDocument } from 'vscode-languageserver-textdocument';
import { checkScript } from '../language/check/check-script.ts';
import { shownProblems, shownWorkflowProblems } from '../language/check/shown-problems.ts';
import type { ClusterFacts } from '../language/directives/cluster-facts.ts';
import type { Problem } from '../language/problem/problem.ts';
import { checkRecipe } from '../language/recipe/check-recipe.ts';
import { type RecipeFolder, recipeFolder } from '../language/recipe/recipe-keys.ts';
import { parseScript, type ScriptDocument } from '../language/script/parse-script.ts';
import type { Span } from '../language/text/span.ts';
import { type Checkers, rememberingCheckers } from '../language/watcher/checkers.ts';
import { checkWorkflow } from '../language/workflow/check-workflow.ts';
import type { ScriptProvider } from '../language/workflow/events.ts';
import type { WorkflowDocument } from '../language/workflow/node.ts';
import { isWorkflowFile, parseWorkflow } from '../language/workflow/parse-workflow.ts';
import type { RecipeAnalysis } from './recipe-features.ts';
import { type FolderEntry, localPath, type RelatedFiles } from './related-files.ts';
import type { Settings } from './settings.ts';

export interface Analysis {
  readonly uri: string;
  readonly version: number;
  /** Empty for a workflow file. */
  readonly script: ScriptDocument;
  readonly workflow?: WorkflowAnalysis;
  readonly problems: readonly Problem[];
  /** Of a launch recipe of ssync. */
  readonly recipe?: RecipeAnalysis;
  /** Of the cluster that the client works with. */
  readonly facts?: ClusterFacts;
  positionAt(offset: number): Position;
  rangeOf(span: Span): Range;
  offsetAt(position: Position): number;
}

export interface WorkflowAnalysis {
  readonly document: WorkflowDocument;
  /** The files that it names; none where it is not known where they are. */
  readonly provider?: ScriptProvider;
  /** Of a file that it names. */
  uriOf(path: string): string | undefined;
  /** The names in a folder, as the file would write it; '' is the file's own. */
  list(folder: string): readonly FolderEntry[];
}

export function createDocuments(): TextDocuments<TextDocument> {
  return new TextDocuments(TextDocument);
}

/** Gives a document's analysis, the same one as long as the document does not change. */
export type Analyser = (document: TextDocument) => Analysis;

/** Patterns, and conditions, of the scripts that are open: ten each, as a rule. */
const remembered = 200;

/** `settings` gives those that hold now; new ones are a new object. */
export function createAnalyser(settings: () => Settings, files: RelatedFiles): Analyser {
  // An analysis lives as long as its document; an update changes the document in place, so its version tells.
  const analyses = new WeakMap<TextDocument, { readonly analysis: Analysis; readonly settings: Settings }>();
  const workflows = new WeakMap<TextDocument, { readonly version: number; readonly parsed: WorkflowDocument }>();
  const checkers = rememberingCheckers(remembered);
  const parse = (document: TextDocument): WorkflowDocument => {
    const { version } = document;
    const known = workflows.get(document);
    if (known?.version === version) return known.parsed;
    const parsed = parseWorkflow(document.getText());
    workflows.set(document, { version, parsed });
    return parsed;
  };
  return (document) => {
    // What is wrong with a workflow file depends on other files, which may have changed.
    const current = settings();
    if (isWorkflowFile(document.uri)) return analyseWorkflow(document, parse(document), files, current);
    const folder = recipeFolder(document.uri);
    if (folder) return analyseRecipe(document, folder, files, current);
    const known = analyses.get(document);
    if (known?.analysis.version === document.version && known.settings === current) return known.analysis;
    const analysis = analyse(document, current, files, checkers);
    analyses.set(document, { analysis, settings: current });
    return analysis;
  };
}

function analyse(document: TextDocument, settings: Settings, files: RelatedFiles, checkers: Checkers): Analysis {
  const { uri, version } = document;
  const script = parseScript(document.getText());
  const { facts, severities } = settings;
  const paths = { isDirectory: (path: string) => files.isDirectory(uri, path) };
  return {
    uri,
    version,
    script,
    problems: shownProblems(script, checkScript(script, { ...settings, paths, checkers }), severities),
    ...(facts && { facts }),
    ...places(document),
  };
}

function analyseRecipe(
  document: TextDocument,
  folder: RecipeFolder,
  files: RelatedFiles,
  { severities }: Settings,
): Analysis {
  const { uri, version } = document;
  const text = document.getText();
  const read = (path: string) => files.read(uri, path);
  let problems: readonly Problem[] | undefined;
  return {
    uri,
    version,
    script: parseScript(''),
    recipe: {
      text,
      folder,
      read,
      uriOf: (path) => files.uriOf(uri, path),
      list: (path) => files.list(uri, path),
    },
    // Not every feature needs them.
    get problems() {
      const known = localPath(uri) === undefined ? undefined : { read };
      problems ??= shownWorkflowProblems(text, checkRecipe(text, folder, known), severities);
      return problems;
    },
    ...places(document),
  };
}

function analyseWorkflow(
  document: TextDocument,
  parsed: WorkflowDocument,
  files: RelatedFiles,
  { severities }: Settings,
): Analysis {
  const { uri, version } = document;
  const provider = localPath(uri) === undefined ? undefined : { read: (path: string) => files.read(uri, path) };
  let problems: readonly Problem[] | undefined;
  return {
    uri,
    version,
    script: parseScript(''),
    workflow: {
      document: parsed,
      ...(provider && { provider }),
      uriOf: (path) => files.uriOf(uri, path),
      list: (folder) => files.list(uri, folder),
    },
    // Not every feature needs them.
    get problems() {
      problems ??= shownWorkflowProblems(document.getText(), checkWorkflow(parsed, provider), severities);
      return problems;
    },
    ...places(document),
  };
}

function places(document: TextDocument): Pick<Analysis, 'positionAt' | 'rangeOf' | 'offsetAt'> {
  const positionAt = (offset: number) => document.positionAt(offset);
  return {
    positionAt,
    rangeOf: (span) => ({ start: positionAt(span.start), end: positionAt(span.end) }),
    offsetAt: (position) => document.offsetAt(position),
  };
}
