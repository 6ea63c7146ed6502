/** The catalogue of diagnostics: each code with its severity and what it is about. docs/diagnostics.md explains each. */
import type { Severity } from './problem.ts';

interface CodeInfo {
  readonly severity: Severity;
  readonly summary: string;
}

const codes = {
  'watcher/near-miss': { severity: 'warning', summary: 'A comment looks like a watcher but is none.' },
  'watcher/empty': { severity: 'error', summary: 'A watcher without any property.' },
  'watcher/unclosed-block': { severity: 'error', summary: 'A block has no #WATCHER_END.' },
  'watcher/stray-end': { severity: 'error', summary: 'A #WATCHER_END without its #WATCHER_BEGIN.' },
  'watcher/not-a-comment': { severity: 'error', summary: 'A line inside a block is not a comment.' },
  'watcher/malformed-line': { severity: 'error', summary: 'A line of a block is neither a property nor an item.' },
  'watcher/stray-item': { severity: 'error', summary: 'A list item belongs to no list.' },
  'watcher/stray-text': { severity: 'error', summary: 'Text in an inline watcher belongs to no property.' },
  'watcher/blank-around-equals': { severity: 'error', summary: 'An inline property has blanks around its =.' },
  'watcher/unclosed-text': { severity: 'error', summary: 'A text in quotes is never closed.' },
  'watcher/unclosed-list': { severity: 'error', summary: 'A list is never closed.' },
  'watcher/unbalanced-quote': {
    severity: 'warning',
    summary: 'A value starts with a quote and does not end with one.',
  },
  'watcher/ambiguous-quotes': { severity: 'warning', summary: 'A pattern in quotes has the same quotes inside.' },
  'watcher/missing-value': { severity: 'error', summary: 'A key has no value.' },
  'watcher/unknown-key': { severity: 'error', summary: 'A key is not known.' },
  'watcher/duplicate-key': { severity: 'error', summary: 'A key is given twice.' },
  'watcher/wrong-type': { severity: 'error', summary: 'A value has the wrong type.' },
  'watcher/out-of-range': { severity: 'error', summary: 'A value is out of bounds.' },
  'watcher/duplicate-name': { severity: 'error', summary: 'Two watchers of a script have the same name.' },
  'watcher/too-many': { severity: 'error', summary: 'A script has more watchers than a job may have.' },
  'watcher/missing-pattern': { severity: 'error', summary: 'A watcher has no pattern and needs one.' },
  'watcher/too-many-captures': { severity: 'error', summary: 'There are more captures than groups in the pattern.' },
  'watcher/unnamed-groups': { severity: 'hint', summary: 'Some groups of the pattern have no name.' },
  'watcher/bad-capture': { severity: 'error', summary: 'The name of a capture cannot be used.' },
  'watcher/no-action': { severity: 'hint', summary: 'A watcher has no action; log_event() is the default.' },
  'watcher/no-effect': { severity: 'hint', summary: 'A property does nothing in this watcher.' },
  'pattern/syntax': { severity: 'error', summary: 'The pattern is not valid in Python’s re syntax.' },
  'pattern/not-supported': {
    severity: 'error',
    summary: 'The pattern uses a feature of Python’s re that watchers do not have.',
  },
  'pattern/too-long': { severity: 'error', summary: 'A pattern is longer than 1,000 characters.' },
  'pattern/nested-repeat': {
    severity: 'warning',
    summary: 'A repeat inside a repeat can match the same text in many ways.',
  },
  'condition/syntax': { severity: 'error', summary: 'The condition is not a Python expression.' },
  'condition/not-supported': {
    severity: 'error',
    summary: 'The condition uses a part of Python that conditions do not have.',
  },
  'condition/too-long': { severity: 'error', summary: 'A condition is longer than 500 characters.' },
  'condition/unknown-name': { severity: 'error', summary: 'The condition uses a name that does not exist.' },
  'condition/unknown-function': {
    severity: 'error',
    summary: 'The condition calls a function or method that does not exist.',
  },
  'condition/text-as-number': { severity: 'error', summary: 'A capture, which is text, is used as a number.' },
  'condition/never-equal': {
    severity: 'warning',
    summary: 'A capture, which is text, is compared for equality with a number.',
  },
  'action/syntax': { severity: 'error', summary: 'The action is not a call with literal parameters.' },
  'action/unknown': { severity: 'error', summary: 'The action does not exist.' },
  'action/unknown-parameter': { severity: 'error', summary: 'The action has no such parameter.' },
  'action/unnamed-parameter': { severity: 'error', summary: 'A parameter is given without its name.' },
  'action/duplicate-parameter': { severity: 'error', summary: 'A parameter is given twice.' },
  'action/missing-parameter': { severity: 'error', summary: 'A parameter that the action needs is missing.' },
  'action/wrong-type': { severity: 'error', summary: 'A parameter has the wrong type.' },
  'action/unquoted-text': { severity: 'warning', summary: 'A text is written without quotes.' },
  'action/unknown-variable': { severity: 'warning', summary: 'A parameter uses a variable that does not exist.' },
  'action/unknown-watcher': { severity: 'error', summary: 'An action names a watcher that the script does not have.' },
  'action/ssync-notify': { severity: 'hint', summary: 'In ssync notify sends an e-mail.' },
  'action/recorded-only': { severity: 'warning', summary: 'An action that is recorded, but not performed.' },
  'action/environment-variable': {
    severity: 'hint',
    summary: 'A modification is no option and becomes an environment variable.',
  },
  'directive/open-quote': {
    severity: 'error',
    summary: 'A quote in a directive is never closed; sbatch refuses the script.',
  },
  'directive/after-command': {
    severity: 'warning',
    summary: 'A directive stands after the first command and is ignored.',
  },
  'script/no-shebang': { severity: 'error', summary: 'The script does not start with #!; sbatch refuses it.' },
  'script/dos-line-breaks': { severity: 'error', summary: 'The script has DOS line breaks; sbatch refuses it.' },
  'workflow/yaml': { severity: 'error', summary: 'The file is not valid YAML.' },
  'workflow/not-supported': { severity: 'error', summary: 'A part of YAML that workflow files do not have.' },
  'workflow/unknown-key': { severity: 'error', summary: 'A key of a workflow file is not known.' },
  'workflow/duplicate-key': { severity: 'error', summary: 'A key of a workflow file is given twice.' },
  'workflow/missing-key': { severity: 'error', summary: 'A key that is needed is missing.' },
  'workflow/wrong-type': { severity: 'error', summary: 'A value of a workflow file has the wrong type.' },
  'workflow/out-of-range': { severity: 'error', summary: 'A value of a workflow file is out of bounds.' },
  'workflow/missing-verb': { severity: 'error', summary: 'A step does not say what it does.' },
  'workflow/several-verbs': { severity: 'error', summary: 'A step does more than one thing.' },
  'workflow/bad-name': { severity: 'error', summary: 'An id or the name of a parameter cannot be used.' },
  'workflow/duplicate-id': { severity: 'error', summary: 'Two steps have the same id.' },
  'workflow/unknown-step': { severity: 'error', summary: 'There is no step with this id.' },
  'workflow/cycle': { severity: 'error', summary: 'Steps wait for one another.' },
  'workflow/not-before': { severity: 'error', summary: 'The result of a step is used that need not be over.' },
  'workflow/open-expression': { severity: 'error', summary: 'A ${{ is never closed.' },
  'workflow/unknown-name': { severity: 'error', summary: 'An expression uses a name that does not exist.' },
  'workflow/type-mismatch': { severity: 'error', summary: 'The types in an expression do not go together.' },
  'workflow/missing-file': { severity: 'error', summary: 'A script or workflow file does not exist.' },
  'workflow/unknown-parameter': { severity: 'error', summary: 'A child workflow has no such parameter.' },
  'workflow/parameter-type': { severity: 'error', summary: 'A parameter of a child workflow has the wrong type.' },
  'workflow/never-emitted': { severity: 'warning', summary: 'An event is awaited that nothing here emits.' },
  'workflow/never-awaited': { severity: 'information', summary: 'A script emits an event that no step awaits.' },
  'workflow/unreachable-timeout': { severity: 'warning', summary: 'on_timeout without a timeout.' },
  'workflow/no-effect': { severity: 'warning', summary: 'A key does nothing in this step.' },
} satisfies { readonly [code: string]: CodeInfo };

export type ProblemCode = keyof typeof codes;

export const problemCodes: { readonly [code in ProblemCode]: CodeInfo } = codes;
