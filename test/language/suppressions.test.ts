/** `# vigil: disable=…`, chosen severities, and the quick fixes that write such comments. */
import { describe, expect, it } from 'vitest';
import { checkScript } from '../../language/check/check-script.ts';
import { shownProblems, shownWorkflowProblems } from '../../language/check/shown-problems.ts';
import { problemCodes } from '../../language/problem/codes.ts';
import type { Problem } from '../../language/problem/problem.ts';
import { readSeverities, type Severities } from '../../language/problem/severities.ts';
import { suppressionFixes } from '../../language/problem/suppress-fix.ts';
import { parseScript } from '../../language/script/parse-script.ts';
import { checkWorkflow } from '../../language/workflow/check-workflow.ts';
import { parseWorkflow } from '../../language/workflow/parse-workflow.ts';
import { applyFix } from './support.ts';

function shown(text: string, severities: Severities = {}): readonly Problem[] {
  const script = parseScript(text);
  return shownProblems(script, checkScript(script), severities);
}

const codes = (text: string) => shown(text).map(({ code }) => code);
const header = '#!/bin/bash\n#SBATCH -t 5\n';
const misspelt = '#WATCHER pattern="x" action=notfy()\n';

describe('comments', () => {
  it.each([
    ['without one', `${header}${misspelt}`, ['action/unknown']],
    ['above the line', `${header}# vigil: disable=action/unknown\n${misspelt}`, []],
    [
      'above, with comments and blank lines between',
      `${header}# vigil: disable=action/unknown\n\n# note\n${misspelt}`,
      [],
    ],
    [
      'for one line only',
      `${header}# vigil: disable=action/unknown\n${misspelt}${misspelt}`,
      ['watcher/same-pattern', 'action/unknown'],
    ],
    ['at the end of a line', `${header}#SBATCH -n 2 x # vigil: disable=directive/ignored-text\n`, []],
    [
      'several codes',
      `${header}# vigil: disable=action/unknown , action/ssync-notify\n${misspelt}`,
      ['suppression/unused'],
    ],
    [
      'for the whole file',
      `${header}${misspelt}# vigil:disable-file=action/unknown\n${misspelt}`,
      ['watcher/same-pattern'],
    ],
    ['about the file, anywhere', '#!/bin/bash\n#SBATCH -n 1\n# vigil: disable=directive/no-time-limit\n', []],
    [
      'not known',
      `${header}# vigil: disable=action/unknwon\n${misspelt}`,
      ['suppression/unknown-code', 'action/unknown'],
    ],
    ['of no use', `${header}# vigil: disable=action/unknown\ntrue\n`, ['suppression/unused']],
    [
      'above a block',
      `${header}# vigil: disable=action/unknown\n#WATCHER_BEGIN\n# pattern: x\n# action: notfy()\n#WATCHER_END\n`,
      [],
    ],
    [
      'inside of a block',
      `${header}#WATCHER_BEGIN\n# pattern: x\n# # vigil: disable=action/unknown\n# action: notfy()\n#WATCHER_END\n`,
      [],
    ],
    ['in the text of a command', `${header}echo "vigil: disable=action/unknown"\n${misspelt}`, ['action/unknown']],
  ])('%s', (_name, text, wanted) => {
    expect(codes(text)).toEqual(wanted);
  });

  it('their own problems have quick fixes that work', () => {
    const text = `${header}# vigil: disable=action/unknwon,action/syntax\n${misspelt}`;
    for (const found of shown(text).filter(({ code }) => code.startsWith('suppression/'))) {
      const [fix] = found.fixes;
      expect(fix && codes(applyFix(text, fix))).not.toContain(found.code);
    }
    const [unused] = shown(`${header}# vigil: disable=action/unknown\ntrue\n`);
    expect(unused?.fixes[0] && applyFix(`${header}# vigil: disable=action/unknown\ntrue\n`, unused.fixes[0])).toBe(
      `${header}true\n`,
    );
  });

  it('work in workflow files too', () => {
    const text = 'steps:\n  # vigil: disable=workflow/never-emitted\n  - await_event: x\n';
    const problems = checkWorkflow(parseWorkflow(text), { read: () => undefined });
    expect(problems.map(({ code }) => code)).toContain('workflow/never-emitted');
    expect(shownWorkflowProblems(text, problems)).toEqual([]);
  });
});

describe('quick fixes', () => {
  it.each([
    `${header}${misspelt}`,
    `${header}  ${misspelt}`,
    `${header}# vigil: disable=directive/variable\n${misspelt}`,
    `${header}#WATCHER_BEGIN\n# pattern: x\n#   action: notfy()\n#WATCHER_END\n`,
    `${header}#SBATCH -n 1 x\n`.replaceAll('\n', '\r\n'),
    '#SBATCH -n 1 -t 5\n',
  ])('%j', (text) => {
    const script = parseScript(text);
    const lines = script.lines.map(({ span }) => span);
    const isInBlock = (line: number) => script.lines[line]?.kind === 'watcher-body';
    const before = shown(text).filter(({ code }) => !code.startsWith('suppression/'));
    expect(before.length).toBeGreaterThan(0);
    for (const found of before) {
      const fixes = suppressionFixes({ text, lines, isInBlock }, found);
      expect(fixes.length).toBeGreaterThan(0);
      for (const fix of fixes) {
        const count = (source: string) => codes(source).filter((code) => code === found.code).length;
        expect({ fix: fix.title, left: count(applyFix(text, fix)) }).toEqual({ fix: fix.title, left: count(text) - 1 });
      }
    }
  });
});

describe('severities', () => {
  it('change and switch off', () => {
    const text = `${header}${misspelt}`;
    expect(shown(text, { 'action/unknown': 'hint' })).toMatchObject([{ code: 'action/unknown', severity: 'hint' }]);
    expect(shown(text, { 'action/unknown': 'off' })).toEqual([]);
  });

  it('are read from a setting, with what makes no sense told', () => {
    const read = readSeverities({ 'action/unknown': 'off', 'action/unknwon': 'off', 'action/syntax': 'loud' });
    expect(read.severities).toEqual({ 'action/unknown': 'off' });
    expect(read.invalid).toHaveLength(2);
    expect(readSeverities('off').invalid).toHaveLength(1);
    expect(readSeverities(undefined)).toEqual({ severities: {}, invalid: [] });
    const all = Object.fromEntries(Object.keys(problemCodes).map((code) => [code, 'hint']));
    expect(readSeverities(all).invalid).toEqual([]);
  });
});
