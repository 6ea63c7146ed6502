/** Variables in the parameters of actions, and in scripts that are submitted again. */
import { describe, expect, it } from 'vitest';
import { interpolate, interpolateScript } from '../../language/template/interpolate.ts';

const values: { readonly [name: string]: string } = {
  loss: '3.5',
  loss_total: '9',
  empty: '',
  '0': 'all',
  '1': 'one',
  '10': 'ten',
  lr: '$(rm -rf ~)',
};
const lookup = (name: string) => (Object.hasOwn(values, name) ? values[name] : undefined);

describe('parameters', () => {
  it.each([
    ['loss ${loss} and $loss.', 'loss 3.5 and 3.5.'],
    ['$loss_total ${loss}_total $losst', '9 3.5_total $losst'],
    ['$0 $1 $10 $11 $12x', 'all one ten $11 $12x'],
    ['${nothing} $nothing', '${nothing} $nothing'],
    ['${nothing:-none} ${empty:-none} ${loss:-none}', 'none none 3.5'],
    ['${nothing:+some}|${empty:+some}|${loss:+some}', '||some'],
    ['${nothing:-${loss:-x}} ${loss:+<${loss}>}', '3.5 <3.5>'],
    ['$$loss $$$loss 5$', '$loss $3.5 5$'],
    ['${loss', '${loss'],
    ['${loss:?x} ${} ${-}', '${loss:?x} ${} ${-}'],
    ['${lr}', '$(rm -rf ~)'],
    ['', ''],
  ])('%s', (text, wanted) => {
    expect(interpolate(text, lookup)).toBe(wanted);
  });

  it('a value is not read again', () => {
    expect(interpolate('$a', (name) => (name === 'a' ? '$b' : 'no'))).toBe('$b');
  });
});

describe('scripts', () => {
  it.each([
    ['echo ${loss} $loss $$ $1', 'echo 3.5 $loss $$ $1'],
    ['X=${loss:-0.1} Y=${empty:-0.1} Z=${nothing:-0.1}', 'X=3.5 Y=0.1 Z=${nothing:-0.1}'],
    ['${loss:+--resume} ${empty:+--resume}${nothing:+--resume}', '--resume ${nothing:+--resume}'],
    ['${OUT:-run_${loss}}/${loss:+${OUT}_${loss}}', '${OUT:-run_3.5}/${OUT}_3.5'],
    ['\\${loss} \\\\${loss}', '\\${loss} \\\\3.5'],
    ['${loss%.*} ${#loss} ${loss[0]} ${!loss}', '${loss%.*} ${#loss} ${loss[0]} ${!loss}'],
    ['awk \'{print $1}\' <<< "${loss}"\r\n', 'awk \'{print $1}\' <<< "3.5"\r\n'],
  ])('%s', (text, wanted) => {
    expect(interpolateScript(text, lookup)).toBe(wanted);
  });
});
