/** Diagnostics: asked for by the client, or pushed a moment after the last keystroke. */
import {
  type Diagnostic,
  DiagnosticSeverity,
  DiagnosticTag,
  type PublishDiagnosticsParams,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Problem, Severity } from '../language/problem/problem.ts';
import type { Analyser, Analysis } from './documents.ts';

const delayMs = 150;

const severities: { readonly [severity in Severity]: DiagnosticSeverity } = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

export interface DiagnosticsPublisher {
  changed(document: TextDocument): void;
  closed(uri: string): void;
  dispose(): void;
}

export function createDiagnosticsPublisher(
  analysisOf: Analyser,
  send: (params: PublishDiagnosticsParams) => void,
): DiagnosticsPublisher {
  const timers = new Map<string, NodeJS.Timeout>();
  const cancel = (uri: string) => {
    clearTimeout(timers.get(uri));
    timers.delete(uri);
  };
  return {
    changed(document) {
      const first = !timers.has(document.uri) && document.version <= 1;
      cancel(document.uri);
      const publish = () => {
        timers.delete(document.uri);
        send(diagnosticsOf(analysisOf(document)));
      };
      // A document that was just opened shows its problems at once.
      timers.set(document.uri, setTimeout(publish, first ? 0 : delayMs));
    },
    closed(uri) {
      cancel(uri);
      send({ uri, diagnostics: [] });
    },
    dispose() {
      for (const uri of [...timers.keys()]) cancel(uri);
    },
  };
}

export function diagnosticsOf(analysis: Analysis): PublishDiagnosticsParams {
  return {
    uri: analysis.uri,
    version: analysis.version,
    diagnostics: analysis.problems.map((found) => toDiagnostic(analysis, found)),
  };
}

export function toDiagnostic(analysis: Analysis, found: Problem): Diagnostic {
  return {
    range: analysis.rangeOf(found.span),
    severity: severities[found.severity],
    code: found.code,
    source: 'vigil',
    message: found.message,
    // Text that has no effect is shown faded.
    ...(found.code === 'directive/after-command' && { tags: [DiagnosticTag.Unnecessary] }),
  };
}
