/** Semantic tokens: type and text of each, decoded as an editor does. */
import { describe, expect, it } from 'vitest';
import type { Range } from 'vscode-languageserver-protocol';
import { semanticTokens, tokensLegend } from '../../server/semantic-tokens.ts';
import { analyse, block } from './analysis.ts';

function tokens(text: string, range?: Range): readonly string[] {
  const analysis = analyse(text);
  const { data } = semanticTokens(analysis, range);
  const found: string[] = [];
  let line = 0;
  let character = 0;
  for (let at = 0; at < data.length; at += 5) {
    const [lines = 0, characters = 0, length = 0, type = 0] = data.slice(at, at + 5);
    line += lines;
    character = lines > 0 ? characters : character + characters;
    const start = analysis.offsetAt({ line, character });
    expect(length).toBeGreaterThan(0);
    found.push(`${tokensLegend.tokenTypes[type]} ${text.slice(start, start + length)}`);
  }
  return found;
}

describe('semantic tokens', () => {
  it('of an inline watcher', () => {
    expect(
      tokens(
        'echo\n#WATCHER name="oom" pattern="a(?P<x>\\d+)" max_triggers=2 action=cancel_job(reason="is ${x}!", signal=9)',
      ),
    ).toEqual([
      'keyword #WATCHER',
      'property name',
      'string "oom"',
      'property pattern',
      'regexp "a',
      'regexpGroup (?P<',
      'variable x',
      'regexpGroup >',
      'regexpClass \\d',
      'regexpQuantifier +',
      'regexpGroup )',
      'regexp "',
      'property max_triggers',
      'number 2',
      'property action',
      'function cancel_job',
      'parameter reason',
      'string "is ${',
      'variable x',
      'string }!"',
      'parameter signal',
      'number 9',
    ]);
  });

  it('of a block', () => {
    expect(
      tokens(
        block(
          '# captures: [loss]',
          '# output_type: stderr',
          '# timer_mode: true',
          '# condition: float(loss) > 5 and "x" in line.lower()',
          '# actions:',
          '#   - log(message="a", condition="loss == \\"1\\"")',
        ),
      ),
    ).toEqual([
      'keyword #WATCHER_BEGIN',
      'property captures',
      'variable loss',
      'property output_type',
      'enumMember stderr',
      'property timer_mode',
      'enumMember true',
      'property condition',
      'function float',
      'variable loss',
      'operator >',
      'number 5',
      'keyword and',
      'string "x"',
      'keyword in',
      'variable line',
      'method lower',
      'property actions',
      'function log',
      'parameter message',
      'string "a"',
      'parameter condition',
      'variable loss',
      'operator ==',
      'string "1\\"',
    ]);
  });

  it('of f-strings and of the captures that history is asked for', () => {
    expect(tokens(`#WATCHER captures=[a] condition="f'{a}' == mean('a', 2)"`).slice(4)).toEqual([
      "string f'{",
      'variable a',
      "string }'",
      'operator ==',
      'function mean',
      "string '",
      'variable a',
      "string '",
      'number 2',
    ]);
  });

  it('of half-typed patterns and conditions', () => {
    expect(tokens('#WATCHER pattern="(?P<n').slice(2)).toEqual(['regexp "', 'regexpGroup (?P<', 'variable n']);
    expect(tokens(block('# condition: float(')).slice(2)).toEqual(['function float']);
  });

  it('of a range', () => {
    const text = '#WATCHER name=a\necho\n#WATCHER name=b\n';
    const range = { start: { line: 2, character: 0 }, end: { line: 3, character: 0 } };
    expect(tokens(text, range)).toEqual(['keyword #WATCHER', 'property name', 'string b']);
  });

  it('of nothing but watchers', () => expect(tokens('#!/bin/sh\n#SBATCH -n1\necho "$x"\n')).toEqual([]));
});
