/** Patterns on which CPython's `re` takes for ever: found with a text that shows it, and no common pattern among them. */
import { expect, it } from 'vitest';
import { attackOn } from '../../language/pattern/catastrophe.ts';
import { compilePattern } from '../../language/pattern/compile.ts';
import { lintPattern } from '../../language/pattern/lint.ts';
import { parsePattern } from '../../language/pattern/parse.ts';
import { askPython, pythonVersion } from './python.ts';

const catastrophic = [
  '(a+)+b',
  '(?:a*)*b',
  '(a|aa)+$',
  '(\\w+\\s*)+:',
  '^(([a-z])+.)+[A-Z]([a-z])+$',
  '(?:\\d+,?)+;',
  '(?P<words>(?:\\w+ ?)*)!',
  '(.*a){25}x',
  '(?:x+x+)+y',
  '(?:a?b?)*c',
  '(?i)(?:error|e\\w+)+!',
  '(?:[a-z]+|[0-9a-f]+)*=',
  '"(?:[^"\\\\]|\\\\.|[^"])*";',
  '.*.*.*x',
  '\\s*\\s*\\s*\\s*x',
  '\\d*\\d+\\d*\\d*x',
];

const common = [
  'epoch (\\d+).*loss: ([\\d.]+)',
  'out of memory|OOM',
  '(?i)error|fail(?:ed|ure)',
  'step (\\d+)/(\\d+).*loss=([\\d.eE+-]+).*lr=([\\d.eE+-]+)',
  '^\\s*(\\w+)\\s*=\\s*(.*?)\\s*$',
  '(\\d+(?:\\.\\d+)?)%',
  '(\\d{1,3}\\.){3}\\d{1,3}',
  'Traceback \\(most recent call last\\)',
  'val_acc(?:uracy)?[:=]\\s*([\\d.]+)',
  '\\[(\\d+:\\d+:\\d+)\\] (\\w+): (.*)',
  '(?:\\w+\\.)+\\w+Error: .*',
  '^(?:\\S+\\s+){3}(\\S+)',
  '"(?:[^"\\\\]|\\\\.)*"',
  '(a+)+',
  '(\\w+\\s*)+',
  '(?:ab)+c',
  '([a-z]+,)*[a-z]+;',
  'srun: error: (\\w+): task (\\d+): (.*)',
  '(?P<loss>[-+]?\\d*\\.?\\d+(?:[eE][-+]?\\d+)?)',
  '.*checkpoint.*saved to (.*\\.pt)',
  'https?://[\\w.-]+(?:/[\\w./-]*)?',
  '(?:\\d+\\s+)+GiB',
  '^(?:[A-Z]+ )*done$',
  'x{1,20}y{1,20}z',
];

/** Does each search take more than a quarter of a second of the processor? (The engine of `re` looks for signals while it runs.) */
const program = `
import json, re, signal, sys
class Slow(Exception): pass
def stop(*_): raise Slow
signal.signal(signal.SIGVTALRM, stop)
out = []
for pattern, text in json.load(sys.stdin):
    compiled = re.compile(pattern)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.25)
    try:
        compiled.search(text)
        out.append(False)
    except Slow:
        out.append(True)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
print(json.dumps(out))
`;

const found = (pattern: string) => lintPattern(pattern).filter(({ code }) => code === 'pattern/catastrophic');

function attack(pattern: string): string {
  const { root } = parsePattern(pattern);
  return (root && attackOn(pattern, root)?.text) ?? '';
}

it.each(catastrophic)('%s is found, with a text that does not match', (pattern) => {
  expect(found(pattern)).toHaveLength(1);
  expect(compilePattern(pattern).pattern?.search(attack(pattern))).toBeUndefined();
});

it.skipIf(pythonVersion() === undefined)('each blows up on the text that is told, and only there', () => {
  const harmless = common.map((pattern) => [pattern, 'epoch 5 loss: 0.5 '.repeat(20)]);
  const answers = askPython(program, [...catastrophic.map((pattern) => [pattern, attack(pattern)]), ...harmless]);
  expect(answers).toEqual([...catastrophic.map(() => true), ...harmless.map(() => false)]);
});

it.each(common)('%s is none', (pattern) => {
  expect(compilePattern(pattern).problems).toEqual([]);
  expect(found(pattern)).toEqual([]);
});
