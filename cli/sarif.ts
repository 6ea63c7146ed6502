/** Problems as a SARIF 2.1.0 log (OASIS), which code-review tools read. */
import { problemCodes } from '../language/problem/codes.ts';
import type { Severity } from '../language/problem/problem.ts';
import type { CheckedProblem } from './check.ts';

const levels: { readonly [severity in Severity]: string } = {
  error: 'error',
  warning: 'warning',
  information: 'note',
  hint: 'note',
};

/** docs/diagnostics has a page for each code. */
function helpOf(code: string, summary: string) {
  const page = `docs/diagnostics/${code}.md`;
  const comment = `# vigil: disable=${code}`;
  return {
    text: `${summary} See ${page}. The comment "${comment}" above a line switches it off there, --severity ${code}=off everywhere.`,
    markdown: `${summary} See [${code}](${page}). The comment \`${comment}\` above a line switches it off there, \`--severity ${code}=off\` everywhere.`,
  };
}

export function sarifLog(problems: readonly CheckedProblem[]): object {
  const rules = Object.entries(problemCodes).map(([id, { severity, summary }]) => ({
    id,
    shortDescription: { text: summary },
    help: helpOf(id, summary),
    defaultConfiguration: { level: levels[severity] },
  }));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Vigil', rules } },
        columnKind: 'utf16CodeUnits',
        results: problems.map(toResult),
      },
    ],
  };
}

function toResult(found: CheckedProblem): object {
  return {
    ruleId: found.code,
    level: levels[found.severity],
    message: { text: found.message },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: encodeURI(found.file.replaceAll('\\', '/')) },
          region: {
            startLine: found.line,
            startColumn: found.column,
            endLine: found.endLine,
            endColumn: found.endColumn,
          },
        },
      },
    ],
  };
}
